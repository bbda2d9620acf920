"""The words a column may carry (those of the Open Data Contract Standard) as checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from headgate.checks.check import Check, Otherwise
from headgate.checks.reasons import default_reason


def word_checks(name: str, words: Mapping[str, Any], otherwise: Otherwise, at_most: float | None = None) -> list[Check]:
    """The checks of one column, in a fixed order; a word that is absent, None or False asks nothing.

    All are row checks with the column's verdict, but for `unique`, which judges the table and knows only
    `warn` and `stop` (the default).
    """
    return [
        *_row_checks(name, words, otherwise, at_most),
        *([_unique(name, otherwise)] if words.get("unique") else []),
    ]


def _row_checks(name: str, words: Mapping[str, Any], otherwise: Otherwise, at_most: float | None) -> Iterator[Check]:
    for suffix, expect, kwargs in _asked(words):
        share = at_most if otherwise == "quarantine" else None
        check = Check(f"{name}.{suffix}", expect, {"column": name, **kwargs}, otherwise, "row", share)
        yield replace(check, reason=default_reason(check))


def _asked(words: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    if words.get("required"):
        yield "not_null", "expect_column_values_to_not_be_null", {}
    if bounds := _bounds(words, "minimum", "maximum"):
        yield "between", "expect_column_values_to_be_between", bounds
    if words.get("pattern") is not None:
        yield "matches", "expect_column_values_to_match_regex", {"regex": words["pattern"]}
    if words.get("enum") is not None:
        yield "in_set", "expect_column_values_to_be_in_set", {"value_set": list(words["enum"])}
    if lengths := _bounds(words, "min_length", "max_length"):
        yield "length", "expect_column_value_lengths_to_be_between", lengths


def _bounds(words: Mapping[str, Any], low: str, high: str) -> dict[str, Any]:
    said = {"min_value": words.get(low), "max_value": words.get(high)}
    return {name: value for name, value in said.items() if value is not None}


def _unique(name: str, otherwise: Otherwise) -> Check:
    verdict: Otherwise = "warn" if otherwise == "warn" else "stop"
    return Check(f"{name}.unique", "expect_column_values_to_be_unique", {"column": name}, verdict, "table")
