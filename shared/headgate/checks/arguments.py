"""What each kind of argument accepts. The kinds are those that the rows of the table of checks name."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from headgate.checks.families import ColumnType, as_bound, family, fits, time_of_day, value_family
from headgate.checks.regex import java_regex_problem

Types = Sequence[ColumnType]
"""The types of the columns that the check looks at."""

IGNORE_PAIR = ("both_values_are_missing", "either_value_is_missing", "neither")
IGNORE_ROW = ("all_values_are_missing", "any_value_is_missing", "never")
SPARK_TYPES = ("StringType", "BooleanType", "ByteType", "ShortType", "IntegerType", "LongType", "FloatType",
               "DoubleType", "DecimalType", "DateType", "TimestampType", "TimestampNTZType", "BinaryType",
               "ArrayType", "MapType", "StructType")  # fmt: skip

HOLDS_NULL = (
    "contains null, and then Great Expectations passes every value",
    "Leave null out: a missing value passes this check anyway; `required` refuses it.",
)


def argument_problem(kind: str, value: Any, types: Types) -> str | None:
    """What is wrong with the value of an argument of this kind; None when nothing is."""
    return ARGUMENT_KINDS[kind](value, types)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _one_of(*words: str) -> Callable[[Any, Types], str | None]:
    return lambda value, _: None if value in words else f"`{value}` is not one of {', '.join(words)}"


def _text(value: Any, _: Types) -> str | None:
    return None if isinstance(value, str) and value else f"`{value}` is not a name"


def _names(value: Any, _: Types) -> str | None:
    good = _is_list(value) and value and all(isinstance(name, str) for name in value)
    return None if good else f"`{value}` is not a list of names"


def _columns(value: Any, _: Types) -> str | None:
    good = _names(value, _) is None and len(value) >= 2
    return None if good else f"`{value}` is not a list of two columns or more"


def _number(value: Any, _: Types) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if good else f"`{value}` is not a number"


def _count(value: Any, _: Types) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)
    return None if good else f"`{value}` is not a whole number of at least 0"


def _share(value: Any, _: Types) -> str | None:
    good = _number(value, _) is None and 0 <= value <= 1
    return None if good else f"`{value}` is not a share between 0 and 1"


def _flag(value: Any, _: Types) -> str | None:
    return None if isinstance(value, bool) else f"`{value}` is neither true nor false"


def _bound(value: Any, types: Types) -> str | None:
    try:
        bound = as_bound(value)
    except ValueError as error:
        return str(error)
    alike = ("text", value_family(bound))
    of_day = isinstance(bound, str)
    wrong = next((kind for kind in types if family(kind) not in alike or (kind.kind == "time") != of_day), None)
    return f"`{value}` cannot bound a `{wrong.ddl}`" if wrong else None


def _values(value: Any, _: Types) -> str | None:
    if not _is_list(value):
        return f"`{value}` is not a list of values"
    return "is empty" if not value else None


def _others(value: Any, types: Types) -> str | None:
    if not _is_list(value):
        return f"`{value}` is not a list of values"
    misfits = ((member, kind) for member in value for kind in types if not _fits(member, kind))
    return next((f"`{member}` cannot be compared with a `{kind.ddl}`" for member, kind in misfits), None)


def _fits(member: Any, kind: ColumnType) -> bool:
    """A time of day is compared as a table stores it, so only `08:00:00` is ever equal to one, not `08:00`."""
    if kind.kind == "time" and member is not None:
        return isinstance(member, str) and time_of_day(member) == member
    return fits(member, kind)


def _members(value: Any, types: Types) -> str | None:
    if _is_list(value) and None in value:
        return HOLDS_NULL[0]
    return _others(value, types)


def _pairs(value: Any, types: Types) -> str | None:
    if not _is_list(value) or not value or any(not _is_list(pair) or len(pair) != 2 for pair in value):
        return f"`{value}` is not a list of pairs"
    sides = zip(zip(*value, strict=True), types, strict=False)
    return next((problem for side, kind in sides if (problem := _others(list(side), [kind]))), None)


def _regex(value: Any, _: Types) -> str | None:
    if not isinstance(value, str):
        return f"`{value}` is not a regular expression"
    problem = java_regex_problem(value)
    return f"`{value}` is not a regular expression of Java: {problem}" if problem else None


def _regexes(value: Any, _: Types) -> str | None:
    if not _is_list(value) or not value:
        return f"`{value}` is not a list of regular expressions"
    return next((problem for pattern in value if (problem := _regex(pattern, _))), None)


def _spark_types(value: Any, _: Types) -> str | None:
    if not _is_list(value) or not value:
        return f"`{value}` is not a list of types"
    return next((problem for name in value if (problem := ARGUMENT_KINDS["spark_type"](name, _))), None)


def _quantiles(value: Any, _: Types) -> str | None:
    wanted = "is not `{quantiles: [0.5], value_ranges: [[0, 10]]}`"
    if not isinstance(value, dict) or set(value) != {"quantiles", "value_ranges"}:
        return f"`{value}` {wanted}"
    shares, ranges = value["quantiles"], value["value_ranges"]
    if not _is_list(shares) or not _is_list(ranges) or not shares or len(shares) != len(ranges):
        return f"`{value}` {wanted}: as many quantiles as ranges"
    if any(_share(share, _) for share in shares) or any(not _is_range(pair) for pair in ranges):
        return f"`{value}` {wanted}: shares, and ranges of two numbers or null"
    return None


def _is_range(value: Any) -> bool:
    return _is_list(value) and len(value) == 2 and all(end is None or not _number(end, ()) for end in value)


ARGUMENT_KINDS: dict[str, Callable[[Any, Types], str | None]] = {
    "column": _text,
    "columns": _columns,
    "names": _names,
    "number": _number,
    "count": _count,
    "share": _share,
    "flag": _flag,
    "bound": _bound,
    "values": _values,
    "others": _others,
    "members": _members,
    "pairs": _pairs,
    "regex": _regex,
    "regexes": _regexes,
    "quantiles": _quantiles,
    "spark_type": _one_of(*SPARK_TYPES),
    "spark_types": _spark_types,
    "any_or_all": _one_of("any", "all"),
    "outlier_method": _one_of("iqr", "std"),
    "ignore_pair": _one_of(*IGNORE_PAIR),
    "ignore_row": _one_of(*IGNORE_ROW),
}
