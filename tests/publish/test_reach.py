"""A batch's reach: it holds every stored row that has a key of the batch, and leaves out what lies outside."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.publish.reach import MANY_PARTITIONS, Reach, reach_of
from tables import contract, table

DAYS = [date(1, 1, 1), date(1969, 12, 31), date(1970, 1, 1), date(2026, 3, 29), date(2026, 4, 1), date(9999, 12, 31)]
# The night in which the clocks of Rome go back, when texts without their offset would name two moments.
MOMENTS = [datetime(2025, 10, 26, tzinfo=UTC) + timedelta(minutes=30 * step, microseconds=step) for step in range(7)]
TEXTS = ["", " ", "Zürich", "a'b\\c", "z{t}`", "\ud7ff", "\ue000", "\uffff", "\U0001f600", "\U0010ffff", "a\x00b"]
KINDS: dict[str, list[Any]] = {
    "int": [-(2**31), -1, 0, 7, 2**31 - 1],
    "bigint": [-(2**63), -1, 0, 7, 2**63 - 1],
    "decimal(38,18)": [Decimal("-99999999999999999999"), Decimal("-0.000000000000000001"), Decimal(0), Decimal("1E19")],
    "string": TEXTS,
    "date": DAYS,
    "timestamp": MOMENTS,
    "timestamp_ntz": [datetime(1, 1, 1), datetime(2026, 3, 29, 2, 30), datetime(9999, 12, 31, 23, 59, 59, 999999)],
    "boolean": [True, False],
}


def keyed(kind: str, *partition_by: str) -> Contract:
    key = f'[{{name: k, type: "{kind}", required: true}}, {{name: v, type: int}}]'
    return contract(key, key=("k",), partition_by=partition_by)


def lost(stored: DataFrame, batch: DataFrame, reach: Reach) -> list[Any]:
    """Stored rows with a key of the batch that are out of reach."""
    return stored.join(batch, "k", "left_semi").exceptAll(reach.within(stored)).collect()


@pytest.mark.parametrize("kind", KINDS)
def test_every_stored_row_with_a_key_of_the_batch_is_within_reach(spark: SparkSession, kind: str) -> None:
    values = KINDS[kind]
    stored = table(spark, f"k {kind}, v int", *((value, at) for at, value in enumerate(values)))
    for chosen in [*([value] for value in values), values[1:3], values]:
        batch = table(spark, f"k {kind}, v int", *((value, 0) for value in chosen))
        assert lost(stored, batch, reach_of(batch, keyed(kind))) == []


@pytest.mark.parametrize(
    ("kind", "partition"),
    [("date", "days(k)"), ("date", "months(k)"), ("date", "k"), ("timestamp", "hours(k)"),
     ("timestamp_ntz", "years(k)"), ("string", "k"), ("string", "truncate(1, k)"), ("int", "bucket(4, k)")],
)  # fmt: skip
def test_partitions_that_the_key_decides_are_named(spark: SparkSession, kind: str, partition: str) -> None:
    values = KINDS[kind]
    stored = table(spark, f"k {kind}, v int", *((value, at) for at, value in enumerate(values)))
    for chosen in (values[:1], values[-1:], [values[0], values[2]]):
        batch = table(spark, f"k {kind}, v int", *((value, 0) for value in chosen))
        assert lost(stored, batch, reach_of(batch, keyed(kind, partition))) == []


def test_what_lies_outside_is_left_out_also_between_the_ends(spark: SparkSession) -> None:
    stored = table(spark, "k date, v int", *((day, 0) for day in DAYS))
    batch = table(spark, "k date, v int", (DAYS[1], 1), (DAYS[4], 1))
    bounded, named = (reach_of(batch, keyed("date", *by)).within(stored) for by in ((), ("days(k)",)))
    assert sorted(row.k for row in bounded.collect()) == DAYS[1:5]
    assert sorted(row.k for row in named.collect()) == [DAYS[1], DAYS[4]]


def test_too_many_partitions_are_bounded_and_not_named(spark: SparkSession) -> None:
    batch = spark.range(MANY_PARTITIONS + 1).selectExpr("date_from_unix_date(CAST(id AS int)) AS k", "1 AS v")
    (bounds,) = reach_of(batch, keyed("date", "days(k)")).conditions
    assert " IN " not in bounds
    assert " OR " not in bounds


@pytest.mark.parametrize("text", ["\ue000", "\U0001f600"])
def test_texts_that_iceberg_orders_otherwise_bound_nothing(spark: SparkSession, text: str) -> None:
    assert reach_of(table(spark, "k string, v int", ("a", 0), (text, 0)), keyed("string")) == Reach()


def test_a_masked_key_bounds_nothing(spark: SparkSession) -> None:
    masked = contract("[{name: k, type: string, required: true, classification: email}]", key=("k",))
    assert reach_of(table(spark, "k string", ("0a",)), masked) == Reach()


def test_rows_compared_by_all_values_are_bounded_by_their_partitions_unless_one_is_null(spark: SparkSession) -> None:
    words = contract("[{name: k, type: date}, {name: v, type: int}]", distinct=True, partition_by=("days(k)",))
    stored = table(spark, "k date, v int", *((day, 0) for day in DAYS), (None, 0))
    batch = table(spark, "k date, v int", (DAYS[3], 1))
    assert [row.k for row in reach_of(batch, words).within(stored).collect()] == [DAYS[3]]
    assert reach_of(batch.unionByName(table(spark, "k date, v int", (None, 1))), words) == Reach()


def test_a_batch_without_rows_reaches_as_far_as_without_bounds(spark: SparkSession) -> None:
    assert reach_of(table(spark, "k int, v int", (1, 1)).where("false"), keyed("int")) == Reach()
