"""The words of a column become checks, and a refused row is told why."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.check import Check
from headgate.checks.column_words import word_checks
from headgate.checks.compiled import default_reason


def test_every_word_becomes_a_check_with_the_verdict_of_its_column():
    words = {"required": True, "minimum": 0, "maximum": 100, "unique": True}
    assert word_checks("popularity", words, "quarantine", at_most=0.01) == [
        Check("popularity.not_null", "expect_column_values_to_not_be_null", {"column": "popularity"},
              "quarantine", "row", 0.01, reason="popularity: missing"),
        Check("popularity.between", "expect_column_values_to_be_between",
              {"column": "popularity", "min_value": 0, "max_value": 100},
              "quarantine", "row", 0.01, reason="popularity: not between 0 and 100"),
        Check("popularity.unique", "expect_column_values_to_be_unique", {"column": "popularity"}, "stop", "table"),
    ]  # fmt: skip


def test_words_about_text_become_checks():
    words = {"pattern": "^[A-Z]+$", "enum": ("A", "B"), "min_length": 1, "max_length": None}
    assert [(check.id, dict(check.kwargs), check.reason) for check in word_checks("kind", words, "warn")] == [
        ("kind.matches", {"column": "kind", "regex": "^[A-Z]+$"}, "kind: does not match ^[A-Z]+$"),
        ("kind.in_set", {"column": "kind", "value_set": ["A", "B"]}, "kind: not one of A, B"),
        ("kind.length", {"column": "kind", "min_value": 1}, "kind: length below 1"),
    ]


def test_words_that_ask_nothing_become_no_check():
    assert word_checks("a", {"required": False, "minimum": None, "unique": False, "enum": None}, "stop") == []


def test_a_column_that_only_warns_has_a_unique_check_that_only_warns():
    assert [check.otherwise for check in word_checks("a", {"unique": True}, "warn")] == ["warn"]


def test_a_minimum_of_zero_is_a_minimum():
    assert [check.reason for check in word_checks("amount", {"minimum": 0}, "stop")] == ["amount: below 0"]


REASONS: list[tuple[str, dict[str, Any], str]] = [
    ("values_to_be_between", {"column": "p", "max_value": 100}, "p: above 100"),
    ("values_to_be_between", {"column": "p", "min_value": 0, "strict_min": True}, "p: not above 0"),
    ("values_to_be_between", {"column": "p", "min_value": 0, "max_value": 1, "strict_max": True},
     "p: not from 0 and below 1"),
    ("values_to_be_in_set", {"column": "k", "value_set": list("abcdefgh")}, "k: not one of a, b, c, d, e, …"),
    ("values_to_not_be_in_set", {"column": "k", "value_set": [1]}, "k: one of 1"),
    ("values_to_match_regex", {"column": "k", "regex": "x" * 99}, f"k: does not match {'x' * 60}…"),
    ("value_lengths_to_equal", {"column": "k", "value": 2}, "k: length not 2"),
    ("pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}, "a, b: not equal"),
    ("pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b"},
     "a, b: the first is not above the second"),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "kwargs", "reason"), REASONS)
def test_a_refused_row_is_told_in_words(expect: str, kwargs: dict[str, Any], reason: str):
    assert default_reason(Check("x", f"expect_column_{expect}", kwargs, "quarantine", "row")) == reason
