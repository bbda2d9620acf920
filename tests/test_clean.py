"""Clean: one row per key by a total order, and what each winner does to the stored table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pyspark.sql import DataFrame, SparkSession

from headgate.clean import against_stored, every_row, latest_per_key, value_hash
from tables import assert_table, contract, table

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 1, 13, tzinfo=UTC)
ROWS = "id string, v int, _object string, _arrival timestamp, _run string"
BY_ARRIVAL = contract("- {name: id, type: string}\n- {name: v, type: int}", key=["id"])
BY_V = contract("- {name: id, type: string}\n- {name: v, type: int}", key=["id"], order=[{"column": "v"}])
BY_V_ASC = BY_V.model_copy(update={"order": tuple(step.model_copy(update={"direction": "asc"}) for step in BY_V.order)})


def rows(spark: SparkSession, *values: tuple[object, ...]) -> DataFrame:
    return table(spark, ROWS, *values)


def test_the_row_with_the_greatest_order_column_wins(spark: SparkSession) -> None:
    delivered = rows(
        spark,
        ("a", 1, "1.csv", LATER, "r"),  # arrived last, but its order column is smaller
        ("a", 2, "2.csv", NOON, "r"),
        ("b", 5, "1.csv", NOON, "r"),
    )
    assert_table(
        latest_per_key(delivered, BY_V),
        f"{ROWS}, _copies bigint, _contested boolean",
        ("a", 2, "2.csv", NOON, "r", 2, True),
        ("b", 5, "1.csv", NOON, "r", 1, False),
    )


def test_an_ascending_order_keeps_the_smallest_and_nulls_are_oldest(spark: SparkSession) -> None:
    delivered = rows(
        spark,
        ("a", 1, "1.csv", NOON, "r"),
        ("a", 2, "2.csv", NOON, "r"),
        ("a", None, "3.csv", LATER, "r"),
    )
    assert_table(latest_per_key(delivered, BY_V_ASC).select("id", "v"), "id string, v int", ("a", 1))
    assert_table(latest_per_key(delivered, BY_V).select("id", "v"), "id string, v int", ("a", 2))


def test_without_an_order_arrival_decides_then_the_path(spark: SparkSession) -> None:
    delivered = rows(
        spark,
        ("a", 1, "9.csv", NOON, "r"),
        ("a", 2, "1.csv", LATER, "r"),  # later arrival
        ("b", 1, "1.csv", NOON, "r"),
        ("b", 2, "2.csv", NOON, "r"),  # same arrival, greater path
    )
    winners = latest_per_key(delivered, BY_ARRIVAL).select("id", "v")
    assert_table(winners, "id string, v int", ("a", 2), ("b", 2))


def test_full_ties_are_decided_by_the_hash_of_the_values_whatever_the_order_of_the_rows(spark: SparkSession) -> None:
    ties = [("a", v, "1.csv", NOON, "r") for v in range(5)]
    forwards, backwards = (latest_per_key(rows(spark, *some), BY_ARRIVAL).select("v") for some in (ties, ties[::-1]))
    by_hash = rows(spark, *ties).orderBy(value_hash(BY_ARRIVAL).desc()).select("v").first()
    assert forwards.collect() == backwards.collect() == [by_hash]


def test_equal_copies_are_counted_and_not_contested(spark: SparkSession) -> None:
    delivered = rows(spark, ("a", 1, "1.csv", NOON, "r"), ("a", 1, "2.csv", NOON, "r"))
    kept = latest_per_key(delivered, BY_ARRIVAL).select("id", "_copies", "_contested")
    assert_table(kept, "id string, _copies bigint, _contested boolean", ("a", 2, False))


def test_without_a_key_every_row_is_kept(spark: SparkSession) -> None:
    delivered = rows(spark, ("a", 1, "1.csv", NOON, "r"), ("a", 1, "1.csv", NOON, "r"))
    kept = every_row(delivered).select("id", "_copies", "_contested")
    assert_table(kept, "id string, _copies bigint, _contested boolean", ("a", 1, False), ("a", 1, False))


WINNERS = f"{ROWS}, _copies bigint, _contested boolean"
ACTIONS = "id string, _action string"


@pytest.mark.parametrize(
    ("winner", "stored", "action"),
    [
        (("new", 1, "2.csv", NOON, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "insert"),
        (("a", 2, "2.csv", NOON, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "update"),
        (("a", 1, "2.csv", LATER, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "unchanged"),
        (("a", 1, "2.csv", LATER, "now", 2, True), ("a", 1, "1.csv", NOON, "before"), "refresh"),
        (("a", 1, "2.csv", LATER, "now", 1, False), ("a", 2, "1.csv", NOON, "before"), "late"),
        (("a", 1, "1.csv", NOON, "now", 1, False), ("a", 2, "1.csv", NOON, "before"), "update"),  # its own object again
        (("a", None, "2.csv", LATER, "now", 1, False), ("a", 2, "1.csv", NOON, "before"), "late"),  # null is oldest
        (("a", 2, "2.csv", NOON, "now", 1, False), ("a", None, "1.csv", LATER, "before"), "update"),
    ],
)
def test_a_winner_is_compared_with_the_stored_row_of_its_key(
    spark: SparkSession, winner: tuple[object, ...], stored: tuple[object, ...], action: str
) -> None:
    compared = against_stored(table(spark, WINNERS, winner), rows(spark, stored), BY_V)
    assert_table(compared.select("id", "_action"), ACTIONS, (winner[0], action))


def test_a_refreshed_row_keeps_its_run_and_takes_the_newer_origin(spark: SparkSession) -> None:
    winner = table(spark, WINNERS, ("a", 1, "2.csv", LATER, "now", 2, True))
    compared = against_stored(winner, rows(spark, ("a", 1, "1.csv", NOON, "before")), BY_V)
    assert_table(
        compared.select("_object", "_arrival", "_run", "_action"),
        "_object string, _arrival timestamp, _run string, _action string",
        ("2.csv", LATER, "before", "refresh"),
    )


def test_into_an_empty_table_every_winner_is_inserted(spark: SparkSession) -> None:
    winners = table(spark, WINNERS, ("a", 1, "1.csv", NOON, "now", 1, False), ("b", 2, "1.csv", NOON, "now", 1, False))
    compared = against_stored(winners, None, BY_V)
    assert_table(compared.select("id", "_action"), ACTIONS, ("a", "insert"), ("b", "insert"))


def test_maps_and_structs_are_compared_by_their_values(spark: SparkSession) -> None:
    nested = contract("- {name: id, type: string}\n- {name: m, type: 'map<string,int>'}", key=["id"])
    schema = "id string, m map<string,int>, _object string, _arrival timestamp, _run string"
    winners = table(
        spark,
        f"{schema}, _copies bigint, _contested boolean",
        ("same", {"x": 1}, "2.csv", LATER, "now", 1, False),
        ("other", {"x": 2}, "2.csv", LATER, "now", 1, False),
    )
    stored = table(
        spark, schema, ("same", {"x": 1}, "1.csv", NOON, "before"), ("other", {"x": 1}, "1.csv", NOON, "before")
    )
    compared = against_stored(winners, stored, nested)
    assert_table(compared.select("id", "_action"), ACTIONS, ("same", "unchanged"), ("other", "update"))
