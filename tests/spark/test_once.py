"""Rows that are computed once, however many steps read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyspark import Accumulator
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from headgate.spark.once import computed_once, counted


@pytest.fixture
def calls(spark: SparkSession) -> Accumulator[int]:
    """Counts how often a row of the input is computed."""
    return spark.sparkContext.accumulator(0)


def _watched(spark: SparkSession, calls: Accumulator[int]) -> DataFrame:
    def seen(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            calls.add(batch.num_rows)
            yield batch

    return spark.range(0, 100, 1, 3).mapInArrow(seen, "id bigint").withColumn("key", F.col("id") % 7)


@pytest.mark.parametrize("by", [["key"], []])
def test_several_readers_compute_the_input_once(spark: SparkSession, calls: Accumulator[int], by: list[str]) -> None:
    rows, counts = computed_once(counted(_watched(spark, calls), [F.count(F.lit(1)).alias("read")]), by)
    assert (counts, calls.value) == ({"read": 100}, 100)
    assert rows.columns == ["id", "key"]
    assert sorted(row["id"] for row in rows.where("key = 3").collect()) == list(range(3, 100, 7))
    assert rows.groupBy("key").count().count() == 7
    assert calls.value == 100


def test_rows_of_a_key_are_together_so_that_a_window_moves_none(spark: SparkSession) -> None:
    renamed = spark.range(1000).select((F.col("id") % 7).alias("k"), "id").select(F.col("k").alias("key"), "id")
    rows, _ = computed_once(counted(renamed, [F.count(F.lit(1)).alias("n")]), ["key"])
    ranked = rows.where("id > 3").withColumn("rank", F.row_number().over(Window.partitionBy("key").orderBy("id")))
    plan: Any = ranked._jdf
    assert "Exchange" not in plan.queryExecution().executedPlan().toString()
    assert {row["key"]: row["id"] for row in ranked.where("rank = 1").collect()} == {
        0: 7, 1: 8, 2: 9, 3: 10, 4: 4, 5: 5, 6: 6,
    }  # fmt: skip


def test_rows_that_are_together_already_are_computed_once_as_well(spark: SparkSession, calls: Accumulator[int]) -> None:
    grouped = _watched(spark, calls).groupBy("key").count()
    rows, counts = computed_once(counted(grouped, [F.count(F.lit(1)).alias("n")]), ["key"])
    assert (counts, rows.columns) == ({"n": 7}, ["key", "count"])
    before = calls.value
    assert (rows.count(), rows.where("key = 1").count(), calls.value) == (7, 1, before)


def test_no_rows_are_no_error(spark: SparkSession) -> None:
    rows, counts = computed_once(counted(spark.range(0), [F.count(F.lit(1)).alias("read")]), ["id"])
    assert (counts, rows.count(), rows.columns) == ({"read": 0}, 0, ["id"])


def test_what_computing_raises_is_raised_at_once(spark: SparkSession) -> None:
    broken = spark.range(3).select(F.raise_error(F.lit("broken row")).cast("int").alias("id"))
    with pytest.raises(Exception, match="broken row"):
        computed_once(counted(broken, [F.count(F.lit(1)).alias("read")]), ["id"])


def test_rows_are_computed_with_the_settings_of_the_session(spark: SparkSession) -> None:
    own = spark.newSession()
    own.conf.set("spark.sql.legacy.timeParserPolicy", "CORRECTED")  # by default such a text is an error
    rows = own.range(1).select(F.to_date(F.concat(F.lit("2024-13-0"), "id"), "yyyy").alias("day"))
    held, _ = computed_once(counted(rows, [F.count(F.lit(1)).alias("n")]), [])
    assert [row["day"] for row in held.collect()] == [None]
