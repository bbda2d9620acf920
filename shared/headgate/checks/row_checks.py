"""Check types that judge one row: arguments, the condition on Spark columns, and the reason that a refused row gets.

Conditions judge as Great Expectations does on Spark: a condition that is null passes. What looks odd here
(a null in a set, NaN above every maximum, `''` matching everything) is what Great Expectations does;
`tests/checks/test_differential.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial, reduce
from itertools import combinations
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any

from headgate.checks.check_type import CheckType, Kwargs

if TYPE_CHECKING:
    from pyspark.sql import Column

_COLUMN = {"column": "column"}
_PAIR = {"column_A": "column", "column_B": "column"}
_LIST = {"column_list": "columns"}
_IGNORE_PAIR = {"ignore_row_if": "ignore_pair"}
_IGNORE_ROW = {"ignore_row_if": "ignore_row"}
_STRICT = {"strict_min": "flag", "strict_max": "flag"}

_SHOWN = 5  # values of a set in a reason
_PATTERN_SHOWN = 60  # characters of a pattern in a reason


def _within(value: Column, kwargs: Kwargs) -> Column:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    conditions = []
    if low is not None:
        conditions.append(value > low if kwargs.get("strict_min") else value >= low)
    if high is not None:
        conditions.append(value < high if kwargs.get("strict_max") else value <= high)
    return reduce(and_, conditions)


def _is_in(F: Any, kwargs: Kwargs) -> Column:
    return F.col(kwargs["column"]).isin(kwargs["value_set"])


def _matches_list(F: Any, kwargs: Kwargs) -> Column:
    column, patterns = F.col(kwargs["column"]), kwargs["regex_list"]
    if (kwargs.get("match_on") or "any") == "any":
        return column.rlike("|".join(patterns))
    return reduce(and_, [column.rlike(pattern) for pattern in patterns])


def _matches_none(F: Any, kwargs: Kwargs) -> Column:
    return reduce(and_, [~F.col(kwargs["column"]).rlike(pattern) for pattern in kwargs["regex_list"]])


def _greater(F: Any, kwargs: Kwargs) -> Column:
    first, second = F.col(kwargs["column_A"]), F.col(kwargs["column_B"])
    return (first >= second) | first.eqNullSafe(second) if kwargs.get("or_equal") else first > second


def _equal(F: Any, kwargs: Kwargs) -> Column:
    return F.col(kwargs["column_A"]).eqNullSafe(F.col(kwargs["column_B"]))


def _pair_in(F: Any, kwargs: Kwargs) -> Column:
    first, second = F.col(kwargs["column_A"]), F.col(kwargs["column_B"])
    return reduce(or_, [first.eqNullSafe(a) & second.eqNullSafe(b) for a, b in kwargs["value_pairs_set"]])


def _adds_up(F: Any, kwargs: Kwargs) -> Column:
    terms = [F.coalesce(F.col(name), F.lit(0)) for name in kwargs["column_list"]]
    return reduce(add, terms) == F.lit(kwargs["sum_total"])


def _all_differ(F: Any, kwargs: Kwargs) -> Column:
    same = [F.col(a).eqNullSafe(F.col(b)) for a, b in combinations(kwargs["column_list"], 2)]
    return ~reduce(or_, same)


def _all_equal(F: Any, kwargs: Kwargs) -> Column:
    first, *others = kwargs["column_list"]
    return reduce(and_, [F.col(first).eqNullSafe(F.col(other)) for other in others])


def _outside(kwargs: Kwargs, what: str = "") -> str:
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


def _not_greater(kwargs: Kwargs) -> str:
    return "the first is less than the second" if kwargs.get("or_equal") else "the first is not above the second"


_row = partial(CheckType, kind="compiled")

ROW_CHECKS = (
    _row(
        "expect_column_values_to_be_between",
        required=_COLUMN,
        optional={"min_value": "bound", "max_value": "bound", **_STRICT},
        columns="bounded",
        condition=lambda F, k: _within(F.col(k["column"]), k),
        reason=_outside,
    ),
    _row(
        "expect_column_values_to_be_in_set",
        required={**_COLUMN, "value_set": "members"},
        columns="scalar",
        condition=_is_in,
        reason=lambda k: f"not one of {_listed(k['value_set'])}",
    ),
    _row(
        "expect_column_values_to_not_be_in_set",
        required={**_COLUMN, "value_set": "others"},
        columns="scalar",
        condition=lambda F, k: ~_is_in(F, k),
        reason=lambda k: f"one of {_listed(k['value_set'])}",
    ),
    _row(
        "expect_column_values_to_not_be_null",
        required=_COLUMN,
        condition=lambda F, k: F.col(k["column"]).isNotNull(),
        reason=lambda _: "missing",
        judges_missing=True,
    ),
    _row(
        "expect_column_values_to_be_null",
        required=_COLUMN,
        condition=lambda F, k: F.col(k["column"]).isNull(),
        reason=lambda _: "not empty",
        judges_missing=True,
    ),
    _row(
        "expect_column_values_to_match_regex",
        required={**_COLUMN, "regex": "regex"},
        columns="scalar",
        condition=lambda F, k: F.col(k["column"]).rlike(k["regex"]),
        reason=lambda k: f"does not match {_pattern(k['regex'])}",
    ),
    _row(
        "expect_column_values_to_not_match_regex",
        required={**_COLUMN, "regex": "regex"},
        columns="scalar",
        condition=lambda F, k: ~F.col(k["column"]).rlike(k["regex"]),
        reason=lambda k: f"matches {_pattern(k['regex'])}",
    ),
    _row(
        "expect_column_values_to_match_regex_list",
        required={**_COLUMN, "regex_list": "regexes"},
        optional={"match_on": "any_or_all"},
        columns="scalar",
        condition=_matches_list,
        reason=lambda k: f"does not match {_patterns(k)}",
    ),
    _row(
        "expect_column_values_to_not_match_regex_list",
        required={**_COLUMN, "regex_list": "regexes"},
        columns="scalar",
        condition=_matches_none,
        reason=lambda k: f"matches {_patterns(k)}",
    ),
    _row(
        "expect_column_value_lengths_to_be_between",
        required=_COLUMN,
        optional={"min_value": "count", "max_value": "count", **_STRICT},
        columns="scalar",
        condition=lambda F, k: _within(F.length(F.col(k["column"])), k),
        reason=lambda k: _outside(k, "length "),
    ),
    _row(
        "expect_column_value_lengths_to_equal",
        required={**_COLUMN, "value": "count"},
        columns="scalar",
        condition=lambda F, k: F.length(F.col(k["column"])) == F.lit(k["value"]),
        reason=lambda k: f"length not {k['value']}",
    ),
    _row(
        "expect_column_pair_values_a_to_be_greater_than_b",
        required=_PAIR,
        optional={"or_equal": "flag", **_IGNORE_PAIR},
        columns="bounded",
        condition=_greater,
        reason=_not_greater,
    ),
    _row(
        "expect_column_pair_values_to_be_equal",
        required=_PAIR,
        optional=_IGNORE_PAIR,
        columns="scalar",
        condition=_equal,
        reason=lambda _: "not equal",
    ),
    _row(
        "expect_column_pair_values_to_be_in_set",
        required={**_PAIR, "value_pairs_set": "pairs"},
        optional=_IGNORE_PAIR,
        columns="scalar",
        condition=_pair_in,
        reason=lambda k: f"not one of {_listed(map(tuple, k['value_pairs_set']))}",
    ),
    _row(
        "expect_multicolumn_sum_to_equal",
        required={**_LIST, "sum_total": "number"},
        optional=_IGNORE_ROW,
        columns="number",
        condition=_adds_up,
        reason=lambda k: f"do not add up to {k['sum_total']}",
    ),
    _row(
        "expect_select_column_values_to_be_unique_within_record",
        required=_LIST,
        optional=_IGNORE_ROW,
        columns="scalar",
        condition=_all_differ,
        reason=lambda _: "not all different",
    ),
    _row(
        "expect_multicolumn_values_to_be_equal",
        required=_LIST,
        optional=_IGNORE_ROW,
        columns="scalar",
        condition=_all_equal,
        reason=lambda _: "not all equal",
    ),
)
