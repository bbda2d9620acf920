"""Row-level expectations as Spark columns, with the verdicts that Great Expectations itself gives on Spark.

A row is unexpected when it is considered and its condition is false; a condition that is null passes. What looks odd
here (a null in a set, NaN above every maximum, `''` matching everything) is what Great Expectations does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import Any

from pyspark.errors import IllegalArgumentException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType

from headgate.checks.catalogue import CATALOGUE
from headgate.checks.check import Check
from headgate.checks.families import as_bound
from headgate.checks.literals import literal
from headgate.checks.reasons import default_reason
from headgate.checks.refusal import refusals
from headgate.errors import RunFailed

__all__ = ["ASKS_FOR_NULL", "Compiled", "compile_check", "considers", "default_reason"]

ASKS_FOR_NULL = ("expect_column_values_to_not_be_null", "expect_column_values_to_be_null")
"""These two consider every row and report no missing values."""

Kwargs = Mapping[str, Any]


@dataclass(frozen=True)
class Compiled:
    """A check on a row: two booleans that are never null; a row is unexpected only where it is considered."""

    considered: Column
    unexpected: Column


def compile_check(check: Check, types: Mapping[str, DataType]) -> Compiled:
    """The check as Spark columns over the columns it names. Raises `RunFailed` where it cannot be compiled."""
    where = f"check `{check.id}`"
    for _, problem, remedy in refusals(check.expect, check.kwargs, None, types):
        raise RunFailed(problem, where=where, remedy=remedy)
    if CATALOGUE[check.expect].kind != "compiled":
        raise RunFailed(f"`{check.expect}` is judged by Great Expectations, not row by row", where=where)
    _try_regexes(check)
    considered = _considered(considers(check))
    unexpected = considered & ~_CONDITIONS[check.expect](check.kwargs)
    return Compiled(considered, F.coalesce(unexpected, F.lit(False)))


def considers(check: Check) -> tuple[str, ...]:
    """Which rows a check considers, in words: empty for every row, else `any` or `all` and the columns.

    `("all", "a", "b")` leaves out rows where all of them are missing, `any` those where any is. Checks with equal
    words consider the same rows.
    """
    ignore = check.kwargs.get("ignore_row_if") or "all_values_are_missing"
    if check.expect in ASKS_FOR_NULL or ignore in ("neither", "never"):
        return ()
    return ("any" if ignore in ("either_value_is_missing", "any_value_is_missing") else "all", *check.columns)


def _considered(words: tuple[str, ...]) -> Column:
    if not words:
        return F.lit(True)
    ignored = [F.col(name).isNull() for name in words[1:]]
    return ~reduce(or_ if words[0] == "any" else and_, ignored)


def _try_regexes(check: Check) -> None:
    """Let Java read the patterns now: Spark would find a broken one only in the middle of the pass."""
    session = SparkSession.getActiveSession()
    jvm: Any = session.sparkContext._jvm if session else None
    if jvm is None:
        return
    for pattern in (*([check.kwargs["regex"]] if "regex" in check.kwargs else ()), *check.kwargs.get("regex_list", ())):
        try:
            jvm.java.util.regex.Pattern.compile(pattern)
        except IllegalArgumentException as error:
            what = f"`{pattern}` is not a regular expression of Java: {str(error).splitlines()[0]}"
            raise RunFailed(what, where=f"check `{check.id}`", remedy="Mend the pattern in the contract.") from error


def _column(kwargs: Kwargs) -> Column:
    return F.col(kwargs["column"])


def _pair(kwargs: Kwargs) -> tuple[Column, Column]:
    return F.col(kwargs["column_A"]), F.col(kwargs["column_B"])


def _within(value: Column, kwargs: Kwargs) -> Column:
    conditions = []
    if kwargs.get("min_value") is not None:
        low = literal(as_bound(kwargs["min_value"]))
        conditions.append(value > low if kwargs.get("strict_min") else value >= low)
    if kwargs.get("max_value") is not None:
        high = literal(as_bound(kwargs["max_value"]))
        conditions.append(value < high if kwargs.get("strict_max") else value <= high)
    return reduce(and_, conditions)


def _is_in(kwargs: Kwargs) -> Column:
    return _column(kwargs).isin([literal(value) for value in kwargs["value_set"]])


def _matches_list(kwargs: Kwargs) -> Column:
    column, patterns = _column(kwargs), kwargs["regex_list"]
    if (kwargs.get("match_on") or "any") == "any":
        return column.rlike("|".join(patterns))
    return reduce(and_, [column.rlike(pattern) for pattern in patterns])


def _matches_none(kwargs: Kwargs) -> Column:
    return reduce(and_, [~_column(kwargs).rlike(pattern) for pattern in kwargs["regex_list"]])


def _greater(kwargs: Kwargs) -> Column:
    a, b = _pair(kwargs)
    return (a >= b) | a.eqNullSafe(b) if kwargs.get("or_equal") else a > b


def _equal(kwargs: Kwargs) -> Column:
    a, b = _pair(kwargs)
    return a.eqNullSafe(b)


def _pair_in(kwargs: Kwargs) -> Column:
    a, b = _pair(kwargs)
    pairs = kwargs["value_pairs_set"]
    return reduce(or_, [a.eqNullSafe(literal(x)) & b.eqNullSafe(literal(y)) for x, y in pairs])


def _sum(kwargs: Kwargs) -> Column:
    terms = [F.coalesce(F.col(name), F.lit(0)) for name in kwargs["column_list"]]
    return reduce(lambda left, right: left + right, terms) == F.lit(float(kwargs["sum_total"]))


def _all_differ(kwargs: Kwargs) -> Column:
    same = [F.col(a).eqNullSafe(F.col(b)) for a, b in combinations(kwargs["column_list"], 2)]
    return ~reduce(or_, same)


def _all_equal(kwargs: Kwargs) -> Column:
    first, *others = kwargs["column_list"]
    return reduce(and_, [F.col(first).eqNullSafe(F.col(other)) for other in others])


_CONDITIONS: dict[str, Callable[[Kwargs], Column]] = {
    "expect_column_values_to_be_between": lambda k: _within(_column(k), k),
    "expect_column_values_to_be_in_set": _is_in,
    "expect_column_values_to_not_be_in_set": lambda k: ~_is_in(k),
    "expect_column_values_to_not_be_null": lambda k: _column(k).isNotNull(),
    "expect_column_values_to_be_null": lambda k: _column(k).isNull(),
    "expect_column_values_to_match_regex": lambda k: _column(k).rlike(k["regex"]),
    "expect_column_values_to_not_match_regex": lambda k: ~_column(k).rlike(k["regex"]),
    "expect_column_values_to_match_regex_list": _matches_list,
    "expect_column_values_to_not_match_regex_list": _matches_none,
    "expect_column_value_lengths_to_be_between": lambda k: _within(F.length(_column(k)), k),
    "expect_column_value_lengths_to_equal": lambda k: F.length(_column(k)) == F.lit(float(k["value"])),
    "expect_column_pair_values_a_to_be_greater_than_b": _greater,
    "expect_column_pair_values_to_be_equal": _equal,
    "expect_column_pair_values_to_be_in_set": _pair_in,
    "expect_multicolumn_sum_to_equal": _sum,
    "expect_select_column_values_to_be_unique_within_record": _all_differ,
    "expect_multicolumn_values_to_be_equal": _all_equal,
}
