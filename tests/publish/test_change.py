"""A change: the rows that it writes, and the table as it would be published; small table in, small table out."""

from __future__ import annotations

import pytest
from changes import APPEND, MERGE, TABLE, WRITTEN, change, rows
from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.publish.change import published_columns
from tables import assert_table, contract, table


@pytest.fixture
def stored(spark: SparkSession) -> DataFrame:
    return table(spark, TABLE, *rows("a 1 old.csv r1", "b 2 old.csv r1", "c 3 other.csv r1"))


def test_rows_that_change_nothing_are_not_written(spark: SparkSession) -> None:
    every = change(spark, "a 1 n.csv r2 unchanged", "b 9 n.csv r2 update", "c 0 n.csv r2 late", "d 4 n.csv r2 insert",
                   "e 5 n.csv r1 refresh")  # fmt: skip
    expected = rows("b 9 n.csv r2 update", "d 4 n.csv r2 insert", "e 5 n.csv r1 refresh")
    assert_table(every.writing(MERGE), WRITTEN, *expected)


def test_a_merge_replaces_the_rows_of_its_keys(spark: SparkSession, stored: DataFrame) -> None:
    merge = change(spark, "b 9 n.csv r2 update", "d 4 n.csv r2 insert", "a 1 n.csv r2 unchanged")
    expected = rows("a 1 old.csv r1", "b 9 n.csv r2", "c 3 other.csv r1", "d 4 n.csv r2")
    assert_table(merge.proposed(stored, MERGE), TABLE, *expected)


def test_a_merge_deletes_the_keys_that_vanished(spark: SparkSession, stored: DataFrame) -> None:
    merge = change(spark, "b 9 n.csv r2 update", leaving=table(spark, "id string", ("c",)))
    assert_table(merge.proposed(stored, MERGE), TABLE, *rows("a 1 old.csv r1", "b 9 n.csv r2"))


@pytest.mark.parametrize(
    ("replaced", "survivors"),
    [((), ["a 1 old.csv r1", "b 2 old.csv r1", "c 3 other.csv r1"]), (("old.csv",), ["c 3 other.csv r1"])],
    ids=["new objects", "a changed object"],
)
def test_an_append_removes_the_rows_of_replaced_objects_only(
    spark: SparkSession, stored: DataFrame, replaced: tuple[str, ...], survivors: list[str]
) -> None:
    append = change(spark, "a 7 old.csv r2 insert", replaced_objects=replaced)
    assert_table(append.proposed(stored, APPEND), TABLE, *rows(*survivors, "a 7 old.csv r2"))


@pytest.mark.parametrize("words", [MERGE, APPEND], ids=["merge", "append"])
def test_a_change_of_the_whole_table_forgets_what_is_stored(
    spark: SparkSession, stored: DataFrame, words: Contract
) -> None:
    whole = change(spark, "z 1 n.csv r2 insert", whole=True)
    assert_table(whole.proposed(stored, words), TABLE, *rows("z 1 n.csv r2"))


def test_a_column_that_the_stored_table_lacks_is_null_in_its_rows(spark: SparkSession, stored: DataFrame) -> None:
    proposed = change(spark, "b 9 n.csv r2 update").proposed(stored.drop("v"), MERGE)
    assert_table(proposed.select("id", "v"), "id string, v int", ("a", None), ("b", 9), ("c", None))


def test_a_mart_has_no_technical_columns() -> None:
    mart = contract("[{name: id, type: string}]", source={"query": "marts/orders.sql"}, write={"mode": "overwrite"})
    assert published_columns(mart) == ["id"]
    assert published_columns(MERGE) == ["id", "v", "_object", "_arrival", "_run"]
