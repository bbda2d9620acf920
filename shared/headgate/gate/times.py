"""Dates and times: a text becomes one only by a declared pattern, and only where it is exactly that value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.contract.model import Column as Spec
from headgate.contract.patterns import (
    EPOCHS,
    Part,
    alternatives,
    has_short_year,
    has_time_of_day,
    is_zoned,
    parts,
    spelled,
)
from headgate.spark.zones import instant

_INTEGER = r"^[+-]?[0-9]+\z"
_YEAR_9999 = 253_402_300_799  # the last second of the last year with four digits
_DIGITS_HELD = 6  # decimals of a second that a timestamp holds
_MIDNIGHT = "1970-01-01 "  # what Spark puts before a time of day
_DAY_ISO, _TIME_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_ISO = {  # what a text of this pattern looks like, by pattern and whether it is a date
    ("yyyy-MM-dd", True): rf"^{_DAY_ISO}\z",
    ("yyyy-MM-dd HH:mm:ss", False): rf"^{_DAY_ISO} {_TIME_ISO}\z",
    ("yyyy-MM-dd'T'HH:mm:ss", False): rf"^{_DAY_ISO}T{_TIME_ISO}\z",
}
_FIRST_DAY, _LAST_DAY = "0001-01-01", "9999-12-31"


def read_time(text: Column, kind: str, spec: Spec) -> Column:
    """The date or time that a text says by the first of the column's formats that fits; null where none does."""
    return F.coalesce(*(_READERS[kind](text, pattern, spec) for pattern in spec.formats))


def in_calendar(value: Column, kind: str) -> Column:
    """True for a date or timestamp of the years 1 to 9999, which every reader of the tables knows."""
    last = _LAST_DAY if kind == "date" else f"{_LAST_DAY} 23:59:59.999999"
    return value.between(F.lit(_FIRST_DAY).cast(kind), F.lit(last).cast(kind))


def _date(text: Column, pattern: str, spec: Spec) -> Column:
    text, pattern = _whole_years(text, pattern, spec)
    if not has_time_of_day(pattern):
        return _parsed(text, pattern, "date")
    moment = _parsed(text, pattern, "timestamp_ntz")
    if spec.round == "truncate":
        return moment.cast("date")
    return F.when(moment == F.date_trunc("day", moment), moment.cast("date"))


def _timestamp(text: Column, pattern: str, spec: Spec) -> Column:
    if pattern in EPOCHS:
        return _epoch(text, EPOCHS[pattern])
    zoned = is_zoned(pattern)
    ways = alternatives(pattern) if zoned and spec.timezone else (pattern,)
    return F.coalesce(*(_moment(text, way, spec) for way in ways))


def _moment(text: Column, pattern: str, spec: Spec) -> Column:
    written, whole = _whole_years(text, pattern, spec)
    read = _to_six_digits(written, _parsed(written, whole, "timestamp"), whole, spec)
    if is_zoned(pattern) or not spec.timezone:
        return read
    return instant(read, spec.timezone, spec.nonexistent, spec.ambiguous)


def _timestamp_ntz(text: Column, pattern: str, spec: Spec) -> Column:
    if pattern in EPOCHS:
        return _epoch(text, EPOCHS[pattern]).cast(T.TimestampNTZType())
    text, pattern = _whole_years(text, pattern, spec)
    return _to_six_digits(text, _parsed(text, pattern, "timestamp_ntz"), pattern, spec)


def _time(text: Column, pattern: str, spec: Spec) -> Column:
    """A time of day as text, `HH:mm:ss` and a fraction if there is one, so that texts compare as times do."""
    moment = _to_six_digits(text, _parsed(text, pattern, "timestamp_ntz"), pattern, spec).cast("string")
    return F.when(moment.startswith(_MIDNIGHT), F.substring(moment, len(_MIDNIGHT) + 1, 15))


def _parsed(text: Column, pattern: str, kind: str) -> Column:
    """The text read by Java's formatter, or by Spark's cast, which is five times as fast, where the layout is ISO's."""
    parse = {"date": F.to_date, "timestamp": F.to_timestamp}.get(kind)
    strict = parse(text, pattern) if parse else F.to_timestamp_ntz(text, F.lit(pattern))
    layout = _ISO.get((pattern, kind == "date"))
    return strict if layout is None else F.when(text.rlike(layout), text.cast(kind)).otherwise(strict)


def _epoch(text: Column, per_second: int) -> Column:
    number = F.when(text.rlike(_INTEGER), text.cast("bigint"))
    in_range = number.between(-_YEAR_9999 * per_second, _YEAR_9999 * per_second + per_second - 1)
    safe = F.when(in_range, number)
    return F.timestamp_seconds(safe) if per_second == 1 else F.timestamp_millis(safe)


def _to_six_digits(text: Column, read: Column, pattern: str, spec: Spec) -> Column:
    """Spark cuts a fraction after six digits silently: refuse what would be lost, or round it by `round`."""
    found = parts(pattern)
    fraction = next((at for at, part in enumerate(found) if part.letter == "S"), None)
    if fraction is None or len(found[fraction].source) <= _DIGITS_HELD or spec.round == "truncate":
        return read
    six = f"^{_regex(found[:fraction])}[0-9]{{{_DIGITS_HELD}}}"
    if spec.round == "half_up":
        return F.when(text.rlike(six + "[5-9]"), read + F.expr("INTERVAL '0.000001' SECOND")).otherwise(read)
    return F.when(~text.rlike(six + "[0-9]*[1-9]"), read)


def _whole_years(text: Column, pattern: str, spec: Spec) -> tuple[Column, str]:
    """The text with its year of two digits written out, and the pattern for it."""
    if spec.century_from is None or not has_short_year(pattern):
        return text, pattern
    found = parts(pattern)
    year = next(at for at, part in enumerate(found) if part.source == "yy")
    century, first = divmod(spec.century_from, 100)
    head = f"^({_regex(found[:year])})"
    of_next = "|".join(f"{short:02}" for short in range(first)) or r"\b\B"
    next_one = f"{head}({of_next})"
    written = F.when(text.rlike(next_one), F.regexp_replace(text, next_one, f"$1{century + 1:02}$2"))
    written = written.otherwise(F.regexp_replace(text, f"{head}([0-9]{{2}})", f"$1{century:02}$2"))
    return written, spelled((*found[:year], Part("field", "yyyy"), *found[year + 1 :]))


def _regex(found: Sequence[Part]) -> str:
    """What a text that the pattern reads begins with. A section that is cut off at the end must be there."""
    opened: list[int] = []
    for at, part in enumerate(found):
        if part.kind == "open":
            opened.append(at)
        elif part.kind == "close":
            opened.pop()
    return "(?i)" + "".join("" if at in opened else _piece(part) for at, part in enumerate(found))


def _piece(part: Part) -> str:
    length = len(part.source)
    if part.kind == "open":
        return "(?:"
    if part.kind == "close":
        return ")?"
    if part.kind == "text":
        return re.escape(part.text)
    if part.letter in "aG" or (part.letter == "M" and length > 2):
        return "[A-Za-z]+"
    if part.letter in "XxZOzV":
        return r"\S+"
    return "[0-9]+" if length == 1 or part.letter == "S" else f"[0-9]{{{length}}}"


_READERS: dict[str, Callable[[Column, str, Spec], Column]] = {
    "date": _date,
    "timestamp": _timestamp,
    "timestamp_ntz": _timestamp_ntz,
    "time": _time,
}
