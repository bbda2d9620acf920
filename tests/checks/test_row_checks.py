"""A refused row gets a reason that a person can read."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.check import Check
from headgate.checks.table import CHECKS, with_reason

REASONS: list[tuple[str, dict[str, Any], str]] = [
    ("values_to_be_between", {"column": "p", "max_value": 100}, "p: above 100"),
    ("values_to_be_between", {"column": "p", "min_value": 0, "strict_min": True}, "p: not above 0"),
    ("values_to_be_between", {"column": "p", "min_value": 0, "max_value": 1, "strict_max": True},
     "p: not from 0 and below 1"),
    ("values_to_be_between", {"column": "p", "min_value": 0, "max_value": 1}, "p: not between 0 and 1"),
    ("values_to_be_in_set", {"column": "k", "value_set": list("abcdefgh")}, "k: not one of a, b, c, d, e, …"),
    ("values_to_not_be_in_set", {"column": "k", "value_set": [1]}, "k: one of 1"),
    ("values_to_not_be_null", {"column": "k"}, "k: missing"),
    ("values_to_be_null", {"column": "k"}, "k: not empty"),
    ("values_to_match_regex", {"column": "k", "regex": "x" * 99}, f"k: does not match {'x' * 60}…"),
    ("values_to_not_match_regex", {"column": "k", "regex": "x"}, "k: matches x"),
    ("values_to_match_regex_list", {"column": "k", "regex_list": ["x", "y"]}, "k: does not match x | y"),
    ("values_to_not_match_regex_list", {"column": "k", "regex_list": ["x", "y"]}, "k: matches x | y"),
    ("value_lengths_to_be_between", {"column": "k", "min_value": 2}, "k: length below 2"),
    ("value_lengths_to_equal", {"column": "k", "value": 2}, "k: length not 2"),
    ("pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}, "a, b: not equal"),
    ("pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b"},
     "a, b: the first is not above the second"),
    ("pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b", "or_equal": True},
     "a, b: the first is less than the second"),
    ("pair_values_to_be_in_set", {"column_A": "a", "column_B": "b", "value_pairs_set": [[1, 2]]},
     "a, b: not one of (1, 2)"),
    ("multicolumn_sum_to_equal", {"column_list": ["a", "b"], "sum_total": 5}, "a, b: do not add up to 5"),
    ("select_values_to_be_unique_within_record", {"column_list": ["a", "b"]}, "a, b: not all different"),
    ("multicolumn_values_to_be_equal", {"column_list": ["a", "b"]}, "a, b: not all equal"),
]  # fmt: skip


def full(short: str) -> str:
    """The name in the table: `values_to_be_null` is `expect_column_values_to_be_null`."""
    several = short.startswith("multicolumn")
    name = short.replace("select_values", "select_column_values")
    return f"expect_{name}" if several or name.startswith("select") else f"expect_column_{name}"


@pytest.mark.parametrize(("short", "kwargs", "reason"), REASONS)
def test_a_refused_row_gets_a_reason_in_words(short: str, kwargs: dict[str, Any], reason: str) -> None:
    assert with_reason(Check("x", full(short), kwargs, "quarantine", "row")).reason == reason


def test_every_row_check_has_its_reason_here() -> None:
    compiled = {row.expect for row in CHECKS.values() if row.kind == "compiled"}
    assert {full(short) for short, _, _ in REASONS} == compiled
