"""A Parquet table: a change writes the partitions it touches, and the state names every partition's folder."""

from __future__ import annotations

from dataclasses import replace

import pytest
from changes import APPEND, COLUMNS, TABLE, change, rows
from pyspark.sql import SparkSession

from bench import Bench
from headgate.contract.model import Contract
from headgate.publish.change import Change
from headgate.publish.parquet import ParquetTable
from headgate.publish.parquet_state import Current, current
from tables import assert_table, contract

BY_ID = contract(COLUMNS, partition_by=("id",))
STORED = ["a 1 old.csv r1 insert", "b 2 old.csv r1 insert", "c 3 other.csv r1 insert"]


def prepared(bench: Bench, words: Contract, made: Change, run: str) -> ParquetTable:
    table = ParquetTable(lambda: bench.spark, bench.lake, words, run)
    table.prepare(made)
    return table


def published(bench: Bench, words: Contract, *runs: Change) -> ParquetTable:
    """The table after these changes, the first by the run r1."""
    for number, made in enumerate(runs, start=1):
        table = prepared(bench, words, made, f"r{number}")
        table.publish(f"ledger/orders/r{number}.json")
    return table


def state(bench: Bench) -> Current:
    found = current(bench.lake.storage, "orders")
    assert found
    return found


@pytest.mark.parametrize("words", [APPEND, BY_ID], ids=["one folder", "partitions"])
@pytest.mark.parametrize("replaced", [(), ("old.csv",)], ids=["new objects", "a changed object"])
def test_what_a_change_prepares_is_what_it_proposed(
    spark: SparkSession, bench: Bench, words: Contract, replaced: tuple[str, ...]
) -> None:
    stored = published(bench, words, change(spark, *STORED)).stored()
    append = change(spark, "a 7 old.csv r2 insert", "d 4 n.csv r2 insert", replaced_objects=replaced)
    proposed = ParquetTable(lambda: spark, bench.lake, words, "r2").prepare(append)
    assert_table(proposed.select("id", "v", "_object", "_arrival", "_run"), TABLE,
                 *append.proposed(stored, words).collect())  # fmt: skip


def test_readers_see_nothing_of_what_is_prepared_until_it_is_published(spark: SparkSession, bench: Bench) -> None:
    before = published(bench, APPEND, change(spark, *STORED))
    table = prepared(bench, APPEND, change(spark, "d 4 n.csv r2 insert"), "r2")
    assert_table(before.stored(), TABLE, *rows(*(line.removesuffix(" insert") for line in STORED)))
    table.discard()
    assert (table.version(), list(bench.lake.storage.list("data-warehouse/orders/r2"))) == ("r1", [])


def test_a_partition_that_is_not_touched_keeps_its_folder(spark: SparkSession, bench: Bench) -> None:
    published(bench, BY_ID, change(spark, *STORED), change(spark, "a 7 n.csv r2 insert", "d 4 n.csv r2 insert"))
    assert state(bench).folders == {"r1": ["id=b", "id=c"], "r2": ["id=a", "id=d"]}
    assert state(bench).former == ("r1",)


def test_a_partition_whose_rows_are_all_replaced_is_gone(spark: SparkSession, bench: Bench) -> None:
    append = change(spark, "a 7 old.csv r2 insert", replaced_objects=("old.csv",))
    published(bench, BY_ID, change(spark, *STORED), append)
    assert state(bench).folders == {"r1": ["id=c"], "r2": ["id=a"]}


def test_a_table_without_rows_has_the_columns_of_its_state(spark: SparkSession, bench: Bench) -> None:
    table = published(bench, BY_ID, change(spark, *STORED))
    assert_table(table.rows_of(replace(state(bench), folders={})), TABLE)
