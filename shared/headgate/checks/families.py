"""Which values and columns can be compared with each other, decided from types alone.

Where Spark would raise, or compare in a way that nobody meant, the answer is a problem in words.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

Bound = float | date | datetime | str


class ColumnType(Protocol):
    """What checks need to know about a column's type; the types themselves are in `contract/types.py`."""

    @property
    def kind(self) -> str:
        """Spark's name of the type without its parts: `int`, `decimal`, `array`."""
        ...

    @property
    def ddl(self) -> str:
        """The whole type as Spark spells it."""
        ...


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME_OF_DAY = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?P<seconds>:[0-5]\d(?P<fraction>\.\d{1,6})?)?")
_COMPARED = {frozenset(pair) for pair in (("text", "number"), ("text", "time"))}
_FAMILIES = {
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "double", "decimal"), "number"),
    **dict.fromkeys(("date", "timestamp", "timestamp_ntz"), "time"),
    "string": "text",
    "time": "text",  # a time of day is stored as text, in a form that compares as times do
    "boolean": "boolean",
    "binary": "binary",
}

# What a check type can say about the columns it judges: the families of types, and the words for the docs.
TAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "any": (("number", "text", "time", "boolean", "binary", "nested"), "any"),
    "scalar": (("number", "text", "time", "boolean"), "numbers, texts, dates, booleans"),
    "bounded": (("number", "text", "time"), "numbers, texts, dates"),
    "ordered": (("number", "time"), "numbers, dates"),
    "number": (("number",), "numbers"),
    "text": (("text",), "texts"),
}


def family(column_type: ColumnType) -> str:
    """`number`, `text`, `time` (date or timestamp), `boolean`, `binary` or `nested`."""
    return _FAMILIES.get(column_type.kind, "nested")


def takes(columns: str, column_type: ColumnType) -> bool:
    """True when a check that takes `columns` (a key of `TAKES`) can judge a column of this type."""
    return family(column_type) in TAKES[columns][0]


def comparable(first: ColumnType, second: ColumnType) -> bool:
    """True when Spark compares two columns of these types as a reader would expect."""
    families = frozenset((family(first), family(second)))
    return (len(families) == 1 and not families & {"nested"}) or families in _COMPARED


def as_bound(value: Any) -> Bound:
    """A bound as Great Expectations reads it: texts become numbers, dates or times. Raises `ValueError`.

    A time of day stays a text, in the form in which tables store it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | date | str):
        raise ValueError(f"`{value}` is neither a number nor a date")
    if isinstance(value, date):  # a datetime is a date, too
        return _utc(value) if isinstance(value, datetime) else value
    try:
        number = float(value)
    except ValueError:
        return _time(str(value))
    if not math.isfinite(number):
        raise ValueError(f"`{value}` cannot be a bound")
    return number


def time_of_day(text: str) -> str | None:
    """A time of day as a table stores it, `HH:mm:ss` and a fraction if there is one; None for another text."""
    match = _TIME_OF_DAY.fullmatch(text)
    if match is None:
        return None
    whole = text if match["seconds"] else f"{text}:00"
    return whole.rstrip("0").rstrip(".") if match["fraction"] else whole


def _time(text: str) -> date | datetime | str:
    time = time_of_day(text)
    if time:
        return time
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


def fits(value: Any, column_type: ColumnType) -> bool:
    """True when Spark compares a column of this type with a value of a contract; null fits every type."""
    if value is None:
        return True
    families = frozenset((family(column_type), value_family(value)))
    if isinstance(value, str) and family(column_type) in ("number", "time"):
        return _is_of(family(column_type), value)
    return len(families) == 1 or families in _COMPARED


def _is_of(wanted: str, text: str) -> bool:
    """True when a text can be a number, or a date or time: another one is equal to no value of the column."""
    try:
        bound = as_bound(text)
    except ValueError:
        return False
    return value_family(bound) == wanted
