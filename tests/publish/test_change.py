"""A change: the rows that it writes, and the table as it would be published; small table in, small table out."""

from __future__ import annotations

import pytest
from chispa import assert_df_equality
from publish_contracts import contract
from pyspark.sql import DataFrame, SparkSession

from headgate.publish.change import Change, published_columns

COLUMNS = "columns:\n  - {name: id, type: string, required: true}\n  - {name: v, type: int}\n"
MERGE, APPEND = COLUMNS + "key: [id]\n", COLUMNS + "write: {mode: append}\n"
MART = COLUMNS.replace(", required: true", "") + "source: {query: marts/orders.sql}\nwrite: {mode: overwrite}\n"
TABLE = "id string, v int, _object string, _arrival timestamp, _run string"


def table(spark: SparkSession, *rows: str, schema: str = TABLE) -> DataFrame:
    """Rows in one text each: `a 1 old.csv r1`, then `_action` where the schema has it."""
    split = [row.split() for row in rows]
    return spark.createDataFrame([(id, int(v), path, None, *rest) for id, v, path, *rest in split], schema)


def change(rows: DataFrame, vanished: DataFrame | None = None, **more: object) -> Change:
    settled = {"whole": False, "replaced_objects": (), "rows_after": 0, "only_inserts": False, **more}
    return Change(rows=rows, vanished=vanished, **settled)  # type: ignore[arg-type]


@pytest.fixture
def stored(spark: SparkSession) -> DataFrame:
    return table(spark, "a 1 old.csv r1", "b 2 old.csv r1", "c 3 other.csv r1")


def named(spark: SparkSession, *rows: str) -> DataFrame:
    """What `clean` hands over: each row with what it does to the table, and further columns of the way."""
    return table(spark, *rows, schema=f"{TABLE}, _action string").selectExpr("*", "1 AS _copies")


def test_rows_that_change_nothing_are_not_written(spark: SparkSession) -> None:
    rows = named(spark, "a 1 n.csv r2 unchanged", "b 9 n.csv r2 update", "c 0 n.csv r2 late", "d 4 n.csv r2 insert",
                 "e 5 n.csv r1 refresh")  # fmt: skip
    actual = change(rows).writing(contract(MERGE))
    expected = table(spark, "b 9 n.csv r2 update", "d 4 n.csv r2 insert", "e 5 n.csv r1 refresh",
                     schema=f"{TABLE}, _action string")  # fmt: skip
    assert_df_equality(actual, expected)


def test_a_merge_replaces_the_rows_of_its_keys(spark: SparkSession, stored: DataFrame) -> None:
    rows = named(spark, "b 9 n.csv r2 update", "d 4 n.csv r2 insert", "a 1 n.csv r2 unchanged")
    expected = table(spark, "a 1 old.csv r1", "b 9 n.csv r2", "c 3 other.csv r1", "d 4 n.csv r2")
    assert_df_equality(change(rows).proposed(stored, contract(MERGE)), expected, ignore_row_order=True)


def test_a_merge_deletes_keys_that_vanished(spark: SparkSession, stored: DataFrame) -> None:
    vanished = spark.createDataFrame([("c",)], "id string")
    rows = named(spark, "b 9 n.csv r2 update")
    expected = table(spark, "a 1 old.csv r1", "b 9 n.csv r2")
    actual = change(rows, vanished).proposed(stored, contract(MERGE))
    assert_df_equality(actual, expected, ignore_row_order=True)


@pytest.mark.parametrize(
    ("replaced", "survivors"),
    [((), ["a 1 old.csv r1", "b 2 old.csv r1", "c 3 other.csv r1"]), (("old.csv",), ["c 3 other.csv r1"])],
    ids=["new objects", "a changed object"],
)
def test_an_append_removes_the_rows_of_replaced_objects_only(
    spark: SparkSession, stored: DataFrame, replaced: tuple[str, ...], survivors: list[str]
) -> None:
    rows = named(spark, "a 7 old.csv r2 insert")
    actual = change(rows, replaced_objects=replaced).proposed(stored, contract(APPEND))
    expected = table(spark, *survivors, "a 7 old.csv r2")
    assert_df_equality(actual, expected, ignore_row_order=True)


def test_a_change_of_the_whole_table_forgets_what_is_stored(spark: SparkSession, stored: DataFrame) -> None:
    rows = named(spark, "z 1 n.csv r2 insert")
    actual = change(rows, whole=True).proposed(stored, contract(MERGE))
    assert_df_equality(actual, table(spark, "z 1 n.csv r2"))


def test_a_column_that_the_stored_table_lacks_is_null_in_its_rows(spark: SparkSession, stored: DataFrame) -> None:
    rows = named(spark, "b 9 n.csv r2 update")
    actual = change(rows).proposed(stored.drop("v"), contract(MERGE)).select("id", "v")
    expected = spark.createDataFrame([("a", None), ("b", 9), ("c", None)], "id string, v int")
    assert_df_equality(actual, expected, ignore_row_order=True)


def test_a_mart_has_no_technical_columns() -> None:
    assert published_columns(contract(MART)) == ["id", "v"]
    assert published_columns(contract(MERGE)) == ["id", "v", "_object", "_arrival", "_run"]
