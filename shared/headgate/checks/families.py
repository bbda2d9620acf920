"""Which values and columns can be compared with which, read from types alone.

Where Spark would raise, or compare what nobody meant, the answer is a problem in words.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import types as T

Bound = float | date | datetime

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_COMPARED = {frozenset(pair) for pair in (("text", "number"), ("text", "time"))}
_TAKES = {
    "any": ("number", "text", "time", "boolean", "binary", "nested"),
    "scalar": ("number", "text", "time", "boolean"),
    "bounded": ("number", "text", "time"),
    "ordered": ("number", "time"),
    "number": ("number",),
    "text": ("text",),
}


def family(kind: T.DataType) -> str:
    """`number`, `text`, `time` (date or timestamp), `boolean`, `binary` or `nested`."""
    if isinstance(kind, T.NumericType):
        return "number"
    if isinstance(kind, T.StringType):
        return "text"
    if isinstance(kind, T.DateType | T.TimestampType | T.TimestampNTZType):
        return "time"
    if isinstance(kind, T.BooleanType):
        return "boolean"
    return "binary" if isinstance(kind, T.BinaryType) else "nested"


def takes(columns: str, kind: T.DataType) -> bool:
    """Whether an expectation that takes `columns` (see `Entry.columns`) can judge a column of this type."""
    return family(kind) in _TAKES[columns]


def comparable(one: T.DataType, other: T.DataType) -> bool:
    """Whether Spark compares two scalar columns of these types the way a reader would."""
    families = frozenset((family(one), family(other)))
    return (len(families) == 1 and not families & {"nested"}) or families in _COMPARED


def as_bound(value: Any) -> Bound:
    """A bound as Great Expectations reads it: texts become numbers, dates or times. Raises `ValueError`."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date | str):
        raise ValueError(f"`{value}` is neither a number nor a date")
    if isinstance(value, date):  # a datetime is a date, too
        return _utc(value) if isinstance(value, datetime) else value
    try:
        number = float(value)
    except ValueError:
        return _time(str(value))
    if not math.isfinite(number):
        raise ValueError(f"`{value}` bounds nothing")
    return number


def _time(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else _utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise ValueError(f"`{text}` is neither a number nor a date such as `2026-01-31`") from error


def _utc(moment: datetime) -> datetime:
    """A time without a zone is UTC, which is the zone of every session."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def value_family(value: Any) -> str:
    """The family of a value written in a contract."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal):
        return "number" if math.isfinite(value) else "unknown"
    if isinstance(value, date):
        return "time"
    return "text" if isinstance(value, str) else "unknown"


def fits(value: Any, kind: T.DataType) -> bool:
    """Whether Spark compares a column of this type with a value of a contract; null fits every type."""
    if value is None:
        return True
    families = frozenset((family(kind), value_family(value)))
    return len(families) == 1 or families in _COMPARED
