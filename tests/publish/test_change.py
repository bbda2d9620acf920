"""A change: the rows that it writes, and the table as it would be published; small table in, small table out."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.publish.change import Change, published_columns
from tables import assert_table, contract, table

COLUMNS = "[{name: id, type: string, required: true}, {name: v, type: int}]"
MERGE, APPEND = contract(COLUMNS, key=("id",)), contract(COLUMNS)
TABLE = "id string, v int, _object string, _arrival timestamp, _run string"
WRITTEN = f"{TABLE}, _action string"


def rows(*lines: str) -> list[tuple[Any, ...]]:
    """A row per line: `a 1 old.csv r1`, and its action where it has one. Arrivals are not the point here."""
    return [(name, int(v), path, None, *rest) for name, v, path, *rest in (line.split() for line in lines)]


def change(spark: SparkSession, *lines: str, vanished: DataFrame | None = None, **more: Any) -> Change:
    """A change of these rows, each with what it does to the table, and a column that is not published."""
    cleaned = table(spark, WRITTEN, *rows(*lines)).selectExpr("*", "1 AS _copies")
    settings = {"whole": False, "replaced_objects": (), "rows_after": 0, "only_inserts": False, **more}
    return Change(rows=cleaned, vanished=vanished, **settings)


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
    merge = change(spark, "b 9 n.csv r2 update", vanished=table(spark, "id string", ("c",)))
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
