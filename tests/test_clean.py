"""Clean: one row per key by a total order, and what each winner does to the stored table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from headgate.clean import (
    against_stored,
    contradicting,
    distinct_rows,
    every_row,
    latest_per_key,
    not_stored_yet,
    value_hash,
)
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
        f"{ROWS}, _copies bigint, _contested boolean, _conflicts bigint",
        ("a", 2, "2.csv", NOON, "r", 2, True, 0),
        ("b", 5, "1.csv", NOON, "r", 1, False, 0),
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


LINED = f"{ROWS}, _line bigint"


def test_within_a_file_the_later_line_wins_and_differing_lines_are_counted(spark: SparkSession) -> None:
    delivered = table(
        spark,
        LINED,
        ("a", 1, "1.csv", NOON, "r", 7),
        ("a", 2, "1.csv", NOON, "r", 8),
        ("a", 3, "0.csv", NOON, "r", 9),  # of another file: its path decides, not its line
        ("b", 1, "1.csv", NOON, "r", 3),
        ("b", 1, "1.csv", NOON, "r", 4),
    )
    expected = "id string, v int, _copies bigint, _conflicts bigint"
    latest = latest_per_key(delivered, BY_ARRIVAL).select("id", "v", "_copies", "_conflicts")
    assert_table(latest, expected, ("a", 2, 3, 1), ("b", 1, 2, 0))
    first = contract("- {name: id, type: string}\n- {name: v, type: int}", key=["id"],
                     order=[{"column": "_line", "direction": "asc"}])  # fmt: skip
    assert_table(latest_per_key(delivered, first).select("id", "v"), "id string, v int", ("a", 1), ("b", 1))
    assert_table(contradicting(delivered, BY_ARRIVAL), "_line bigint", (7,), (8,))
    assert_table(contradicting(delivered, BY_V), "_line bigint")  # `v` orders them


def test_the_winners_of_a_key_take_one_sort_and_two_window_operators(spark: SparkSession) -> None:
    delivered = table(spark, LINED, ("a", 1, "1.csv", NOON, "r", 7), ("a", 2, "1.csv", NOON, "r", 8))
    plan = vars(latest_per_key(delivered, BY_ARRIVAL))["_jdf"].queryExecution().executedPlan().toString()
    operators = [line.strip(" +-:*()0123456789").split(" ")[0] for line in plan.splitlines()]
    assert operators.count("Window") == 2, plan
    assert operators.count("Sort") == 1, plan
    assert operators.count("Exchange") == 1, plan


def test_equal_rows_are_kept_once_nulls_and_maps_included(spark: SparkSession) -> None:
    nested = contract("- {name: v, type: int}\n- {name: m, type: 'map<string,int>'}", distinct=True)
    schema = "v int, m map<string,int>, _object string, _arrival timestamp, _run string"
    one, none = (1, {"x": 1}), (None, None)
    delivered = table(
        spark,
        schema,
        (*one, "2.csv", LATER, "r"),
        (*one, "1.csv", NOON, "r"),
        (*none, "1.csv", NOON, "r"),
        (*none, "1.csv", NOON, "r"),
        (2, {"x": 1}, "1.csv", NOON, "r"),
    )
    once = distinct_rows(delivered, nested)
    assert_table(
        once.select("v", "_object", "_copies"),
        "v int, _object string, _copies bigint",
        (1, "1.csv", 2),
        (None, "1.csv", 2),
        (2, "1.csv", 1),
    )
    stored = table(spark, schema, (*none, "0.csv", NOON, "q"), (*one, "0.csv", NOON, "q"), (*one, "9.csv", NOON, "q"))
    compared = not_stored_yet(once, stored, nested).select("v", "_action")
    assert_table(compared, "v int, _action string", (1, "late"), (None, "late"), (2, "insert"))


WINNERS = f"{ROWS}, _copies bigint, _contested boolean"
ACTIONS = "id string, _action string"


@pytest.mark.parametrize(
    ("winner", "stored", "action"),
    [
        (("new", 1, "2.csv", NOON, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "insert"),
        (("a", 2, "2.csv", NOON, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "update"),
        (("a", 1, "2.csv", LATER, "now", 1, False), ("a", 1, "1.csv", NOON, "before"), "unchanged"),
        (("a", 1, "2.csv", LATER, "now", 2, True), ("a", 1, "1.csv", NOON, "before"), "refresh"),
        (("a", 1, "2.csv", NOON, "now", 2, True), ("a", 1, "1.csv", LATER, "before"), "unchanged"),  # not the newer one
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


CHANGES = contract(
    "- {name: id, type: int}\n- {name: v, type: int}\n- {name: ts, type: int}",
    key=["id"],
    order=[{"column": "ts"}],
    delete_when="v < 0",
)
EVENTS = "id int, v int, ts int, _object string, _arrival timestamp, _run string, _line bigint, _deletes boolean"
STORED = "id int, v int, ts int, _object string, _arrival timestamp, _run string"
BURIED = "id int, ts int, _object string, _arrival timestamp"
KEYS, FILES = 30, 4


@settings(max_examples=2, deadline=None, phases=[Phase.generate])  # shrinking would take minutes
@given(seed=st.integers(0, 2**32))
def test_changes_that_come_in_any_order_leave_the_newest_row_or_none(spark: SparkSession, seed: int) -> None:
    chance = Random(seed)
    events = [
        (
            key,
            chance.choice([-1, 1, 2]),
            chance.choice([None, 1, 2, 3]),
            f"{file}.csv",
            NOON + timedelta(hours=file),
            "r",
        )
        for key in range(KEYS)
        for file in range(FILES)
        for _ in range(chance.randint(0, 2))
    ]
    lined = [(*event, line, event[1] < 0) for line, event in enumerate(events)]
    files = [[event for event in lined if event[3] == f"{file}.csv"] for file in range(FILES)]
    chance.shuffle(files)
    rows, buried = dict[int, Any](), dict[int, Any]()
    for file in (*files, files[0]):  # and one that is read again
        winners = latest_per_key(table(spark, EVENTS, *file), CHANGES)
        known, gone = table(spark, STORED, *rows.values()), table(spark, BURIED, *buried.values())
        for row in against_stored(winners, known, CHANGES, gone).collect():
            if row["_action"] in ("insert", "update", "refresh"):
                rows[row["id"]] = tuple(row[name] for name in known.columns)
                buried.pop(row["id"], None)
            elif row["_action"] in ("delete", "gone"):
                rows.pop(row["id"], None)
                buried[row["id"]] = tuple(row[name] for name in gone.columns)
    newest = {event[0]: event for event in sorted(lined, key=lambda event: (event[2] or 0, event[4], event[6]))}
    assert {key: row[1:4] for key, row in rows.items()} == {
        key: event[1:4] for key, event in newest.items() if not event[7]
    }
