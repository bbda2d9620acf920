"""Row checks as Spark columns: two booleans per check, by the condition in the table of checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Any

from pyspark.errors import IllegalArgumentException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from headgate.checks.check import Check
from headgate.checks.families import ColumnType, as_bound
from headgate.checks.refusal import refusals
from headgate.checks.table import CHECKS
from headgate.errors import RunFailed


@dataclass(frozen=True)
class Compiled:
    """A check on a row: two booleans that are never null; a row is unexpected only where it is considered."""

    considered: Column
    unexpected: Column


def compile_check(check: Check, types: Mapping[str, ColumnType]) -> Compiled:
    """The check as Spark columns over the columns it names. Raises `RunFailed` where it cannot be compiled."""
    where = f"check `{check.id}`"
    for _, problem, remedy in refusals(check.expect, check.kwargs, None, types):
        raise RunFailed(problem, where=where, remedy=remedy)
    condition = CHECKS[check.expect].condition
    if condition is None:
        raise RunFailed(f"`{check.expect}` is judged by Great Expectations, not row by row", where=where)
    _try_regexes(check)
    considered = _considered(considers(check))
    unexpected = considered & ~condition(F, _spark_arguments(check))
    return Compiled(considered, F.coalesce(unexpected, F.lit(False)))


def considers(check: Check) -> tuple[str, ...]:
    """Which rows a check considers, in words: empty for every row, else `any` or `all` and the columns.

    `("all", "a", "b")` leaves out rows where all of them are missing, `any` those where any is. Checks with equal
    words consider the same rows.
    """
    ignore = check.kwargs.get("ignore_row_if") or "all_values_are_missing"
    if judges_missing(check) or ignore in ("neither", "never"):
        return ()
    return ("any" if ignore in ("either_value_is_missing", "any_value_is_missing") else "all", *check.columns)


def judges_missing(check: Check) -> bool:
    """True for a check that considers every row and reports no missing values."""
    check_type = CHECKS.get(check.expect)  # none for the type checks of the gate
    return check_type is not None and check_type.judges_missing


def literal(value: Any) -> Column:
    """The value as a literal; a time without a zone is UTC, in any zone of the machine."""
    if not isinstance(value, datetime):
        return F.lit(value)
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return F.lit(moment.isoformat(" ", "microseconds")).cast("timestamp")


def _literals(values: Any) -> list[Column]:
    return [literal(value) for value in values]


# By kind of argument (checks/arguments.py): the value as a condition compares it. Other kinds stay as written.
_AS_SPARK: dict[str, Callable[[Any], Any]] = {
    "bound": lambda value: literal(as_bound(value)),
    "count": float,
    "number": float,
    "members": _literals,
    "others": _literals,
    "pairs": lambda pairs: [_literals(pair) for pair in pairs],
}


def _spark_arguments(check: Check) -> dict[str, Any]:
    kinds = CHECKS[check.expect].arguments
    return {
        name: _AS_SPARK[kinds[name]](value) if value is not None and kinds[name] in _AS_SPARK else value
        for name, value in check.kwargs.items()
    }


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
            raise RunFailed(what, where=f"check `{check.id}`", remedy="Fix the pattern in the contract.") from error
