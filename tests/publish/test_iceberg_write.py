"""What a change writes into an Iceberg table is what it proposed; small table in, small table out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from changes import APPEND, MERGE, TABLE, change, rows
from pyspark.sql import DataFrame, SparkSession

from bench import Bench
from headgate.contract.model import Contract
from headgate.publish.change import Change
from headgate.publish.iceberg import IcebergTable
from headgate.publish.iceberg_write import write_change
from tables import assert_table, table

STORED = ["a 1 old.csv r1", "b 2 old.csv r1", "c 3 other.csv r1"]
Written = Callable[[Contract, Change], DataFrame]


@pytest.fixture
def session(bench: Bench) -> SparkSession:
    return bench.lake.session(bench.spark)


@pytest.fixture
def written(bench: Bench, session: SparkSession) -> Written:
    """Apply a change to a table of the stored rows; compare the table with the proposal, and return it."""

    def written(words: Contract, made: Change) -> DataFrame:
        published = IcebergTable(lambda: session, bench.lake, words, "r1")
        published.stage(table(session, TABLE, *rows(*STORED)), replace=False)
        published.create("ledger/orders/r1.json")
        stored = published.stored()
        write_change(session, published.name, made, words)
        after = session.table(published.name)
        assert_table(after, TABLE, *made.proposed(stored, words).collect())
        return after

    return written


def test_a_merge_updates_inserts_and_deletes_and_leaves_the_rest(session: SparkSession, written: Written) -> None:
    merge = change(session, "b 9 n.csv r2 update", "d 4 n.csv r2 insert", "a 0 n.csv r2 late",
                   leaving=table(session, "id string", ("c",)))  # fmt: skip
    assert_table(written(MERGE, merge), TABLE, *rows("a 1 old.csv r1", "b 9 n.csv r2", "d 4 n.csv r2"))


def test_a_merge_of_new_keys_only_is_an_append(session: SparkSession, written: Written) -> None:
    merge = change(session, "d 4 n.csv r2 insert", only_inserts=True)
    assert_table(written(MERGE, merge), TABLE, *rows(*STORED, "d 4 n.csv r2"))


def test_an_append_replaces_the_rows_of_a_changed_object(session: SparkSession, written: Written) -> None:
    append = change(session, "a 7 old.csv r2 insert", replaced_objects=("old.csv",))
    assert_table(written(APPEND, append), TABLE, *rows("a 7 old.csv r2", "c 3 other.csv r1"))


def test_a_change_of_the_whole_table_replaces_every_row(session: SparkSession, written: Written) -> None:
    whole = change(session, "z 1 n.csv r2 insert", whole=True)
    assert_table(written(MERGE, whole), TABLE, *rows("z 1 n.csv r2"))
