"""Orphans: keys that are found nowhere, the rows that have them, and what the contract does with these."""

from __future__ import annotations

import pytest
from chispa.dataframe_comparer import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from headgate.gate.references import marking_orphans, orphan_keys

ALBUMS = [("a1", "x"), ("a1", "y"), ("a2", "x")]


def table(spark: SparkSession, rows: list[tuple[object, ...]], schema: str) -> DataFrame:
    return spark.createDataFrame(rows, schema)


@pytest.mark.parametrize(
    ("rows", "orphans"),
    [
        ([("a1", "x"), ("a2", "x")], []),
        ([("a2", "y")], [("a2", "y")]),  # both parts are known, and not together
        ([("a9", "x"), ("a9", "x")], [("a9", "x")]),  # once, however many rows
        ([(None, "q"), ("a9", None), (None, None)], []),  # a part without a value refers to nothing
        ([("A1", "x"), ("a1 ", "x")], [("A1", "x"), ("a1 ", "x")]),  # compared exactly
    ],
    ids=["found", "parts", "once", "nulls", "exact"],
)
def test_orphans_of_a_composite_key(spark: SparkSession, rows: list, orphans: list) -> None:
    here = table(spark, rows, "album string, artist string")
    there = table(spark, ALBUMS, "id string, of string")
    found = orphan_keys(here, there, ["album", "artist"], ["id", "of"])
    wanted = table(spark, orphans, "album string, artist string")
    assert_df_equality(found, wanted, ignore_row_order=True, ignore_nullable=True)


def test_rows_of_orphan_keys_are_marked_and_no_row_is_lost(spark: SparkSession) -> None:
    rows = table(spark, [(1, "a"), (2, "z"), (3, None), (4, "z")], "id int, album string")
    keys = table(spark, [("z",)], "album string")
    marked = marking_orphans(rows, keys, ["album"], "_orphan")
    wanted = table(
        spark,
        [(1, "a", False), (2, "z", True), (3, None, False), (4, "z", True)],
        "id int, album string, _orphan boolean",
    )
    assert_df_equality(marked, wanted, ignore_row_order=True, ignore_nullable=True)


def test_a_value_twice_among_the_targets_multiplies_no_row(spark: SparkSession) -> None:
    rows = table(spark, [("a",), ("b",)], "album string")
    there = table(spark, [("a",), ("a",)], "id string")
    assert orphan_keys(rows, there, ["album"], ["id"]).collect() == [("b",)]
