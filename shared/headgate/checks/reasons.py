"""What a quarantined row is told: the column, and what its value is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from headgate.checks.check import Check

_SHOWN = 5  # values of a set
_PATTERN_SHOWN = 60  # characters of a pattern

Kwargs = Mapping[str, Any]


def default_reason(check: Check) -> str:
    """The reason in a few words, for example `amount: below 0` or `kind: not one of a, b, c`."""
    say = _REASONS.get(check.expect)
    words = say(check.kwargs) if say else f"fails {check.expect}"
    return f"{', '.join(check.columns)}: {words}" if check.columns else words


def _between(kwargs: Kwargs, what: str = "") -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    strict_low, strict_high = kwargs.get("strict_min"), kwargs.get("strict_max")
    if low is None:
        return f"{what}not below {high}" if strict_high else f"{what}above {high}"
    if high is None:
        return f"{what}not above {low}" if strict_low else f"{what}below {low}"
    if strict_low or strict_high:
        return f"{what}not {'above' if strict_low else 'from'} {low} {'and below' if strict_high else 'to'} {high}"
    return f"{what}not between {low} and {high}"


def _listed(values: Iterable[Any]) -> str:
    every = [str(value) for value in values]
    return ", ".join(every[:_SHOWN]) + (", …" if len(every) > _SHOWN else "")


def _pattern(text: str) -> str:
    return text if len(text) <= _PATTERN_SHOWN else text[:_PATTERN_SHOWN] + "…"


def _patterns(kwargs: Kwargs) -> str:
    return _pattern(" | ".join(kwargs["regex_list"]))


def _greater(kwargs: Kwargs) -> str:
    return "the first is less than the second" if kwargs.get("or_equal") else "the first is not above the second"


_REASONS: dict[str, Callable[[Kwargs], str]] = {
    "expect_column_values_to_not_be_null": lambda _: "missing",
    "expect_column_values_to_be_null": lambda _: "not empty",
    "expect_column_values_to_be_between": _between,
    "expect_column_values_to_be_in_set": lambda k: f"not one of {_listed(k['value_set'])}",
    "expect_column_values_to_not_be_in_set": lambda k: f"one of {_listed(k['value_set'])}",
    "expect_column_values_to_match_regex": lambda k: f"does not match {_pattern(k['regex'])}",
    "expect_column_values_to_not_match_regex": lambda k: f"matches {_pattern(k['regex'])}",
    "expect_column_values_to_match_regex_list": lambda k: f"does not match {_patterns(k)}",
    "expect_column_values_to_not_match_regex_list": lambda k: f"matches {_patterns(k)}",
    "expect_column_value_lengths_to_be_between": lambda k: _between(k, "length "),
    "expect_column_value_lengths_to_equal": lambda k: f"length not {k['value']}",
    "expect_column_pair_values_a_to_be_greater_than_b": _greater,
    "expect_column_pair_values_to_be_equal": lambda _: "not equal",
    "expect_column_pair_values_to_be_in_set": lambda k: f"not one of {_listed(map(tuple, k['value_pairs_set']))}",
    "expect_multicolumn_sum_to_equal": lambda k: f"do not add up to {k['sum_total']}",
    "expect_select_column_values_to_be_unique_within_record": lambda _: "not all different",
    "expect_multicolumn_values_to_be_equal": lambda _: "not all equal",
}
