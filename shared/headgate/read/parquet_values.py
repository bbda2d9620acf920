"""Bring a value of one type to another where nothing is lost: by the value, not by how an engine prints it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.types import (
    FLOATS,
    INTEGERS,
    TIMES,
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    StructType,
    is_nested,
)
from headgate.read.parquet_shape import LOCAL_NANOS, NANOS, TIMES_OF_DAY
from headgate.read.parquet_texts import decoded, micros_of, shortest, text_of
from headgate.spark.types import spark_type
from headgate.spark.zones import instant

if TYPE_CHECKING:
    from headgate.contract.model import Column as Spec

NUMBERS = (*INTEGERS, "decimal", *FLOATS)
TEXTS = ("string", "binary")
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}

Given = Callable[[Column], Column]
_Way = Callable[[Column, "Spec"], Column]


def given(have: DataType, want: DataType, spec: Spec) -> Given | None:
    """How a value of the type `have` becomes one of the type `want`; null where it is not exactly such a value.

    None where no value is, or where its text decides (`by_text`).
    """
    if isinstance(have, ArrayType) and isinstance(want, ArrayType):
        return _array(given(have.element, want.element, spec))
    if isinstance(have, MapType) and isinstance(want, MapType):
        return _map(have, given(have.value, want.value, spec))
    if isinstance(have, StructType) and isinstance(want, StructType):
        return _struct(have, want, spec)
    if is_nested(have) or is_nested(want):
        return None
    return _scalar(have, want, spec)


def by_text(have: DataType, want: DataType, spec: Spec) -> bool:
    """True where the text of the value says what it is: of texts, and of numbers that stand for words or times."""
    if is_nested(have):
        plain = spec.decimal == "." and not spec.thousands  # the numbers inside are written so
        return have.kind == want.kind and plain
    return have.kind in TEXTS or (have.kind in NUMBERS and want.kind in ("boolean", *TIMES))


def _scalar(have: DataType, want: DataType, spec: Spec) -> Given | None:
    if want.kind == "string":
        return decoded if have.kind in TEXTS else lambda value: text_of(value, have)
    if have == want:
        return lambda value: value
    if have.kind in NUMBERS:
        return _number(have, want, spec)
    if have.kind in TIMES_OF_DAY and want.kind == "time":
        return lambda value: _time_of_day(value, TIMES_OF_DAY[have.kind], spec)
    moment, kind = _MOMENTS.get(have.kind, (_as_it_is, have.kind))
    way = _as_it_is if kind == want.kind else _TIMES.get((kind, want.kind))
    return (lambda value: way(moment(value, spec), spec)) if way else None


def _number(have: DataType, want: DataType, spec: Spec) -> Given | None:
    if want.kind in FLOATS:
        return lambda value: value.cast(spark_type(want))
    if isinstance(want, DecimalType):
        return lambda value: _as_decimal(value, have, want, rounds=spec.round is not None)
    if want.kind not in INTEGERS or (have.kind in FLOATS and not spec.allow_point_zero):
        return None
    return lambda value: _as_integer(value, have, want)


def _as_integer(value: Column, have: DataType, want: DataType) -> Column:
    """The integer that equals the value, where one of the type does."""
    most = 2 ** (_BITS[want.kind] - 1)
    whole = value.cast("bigint")
    same = (whole.cast(spark_type(have)) == value) & whole.between(-most, most - 1)
    if have.kind in FLOATS:
        same = same & (value < 2.0**63)  # the first that no bigint holds; Spark takes the greatest bigint
    return F.when(same, whole.cast(spark_type(want)))


def _as_decimal(value: Column, have: DataType, want: DecimalType, *, rounds: bool) -> Column:
    """Exact where the decimal, as a number of the type it came from, is that number again."""
    source = shortest(value) if have.kind in FLOATS else value
    decimal = source.cast(spark_type(want))
    return decimal if rounds else F.when(decimal.cast(spark_type(have)) == value, decimal)


def _as_it_is(value: Column, _: Spec) -> Column:
    return value


def _from_nanos(value: Column, spec: Spec) -> Column:
    """An instant to the microsecond: exactly, or as `round` says."""
    micros, rest = micros_of(value)
    if spec.round is None:
        return F.when(rest == 0, F.timestamp_micros(micros))
    return F.timestamp_micros(micros + (rest >= 500).cast("bigint") if spec.round == "half_up" else micros)


def _time_of_day(value: Column, per_second: int, spec: Spec) -> Column:
    nanos = value.cast("bigint") * (1_000_000_000 // per_second)
    return F.substring(_from_nanos(nanos, spec).cast("string"), 12, 15)


def _in_zone(local: Column, spec: Spec) -> Column:
    if not spec.timezone:
        return F.lit(None).cast("timestamp")
    return instant(local.cast("timestamp"), spec.timezone, spec.nonexistent, spec.ambiguous)


def _day(moment: Column, spec: Spec) -> Column:
    """The day of a midnight; of any time where `round` drops the time of day."""
    local = moment.cast("timestamp_ntz")
    day = local.cast("date")
    return day if spec.round == "truncate" else F.when(day.cast("timestamp_ntz") == local, day)


def _as_formats_say(way: _Way, kind: str, says: re.Pattern[str]) -> _Way:
    """A way that changes what the value says: only where a format of the column reads such texts."""

    def allowed(value: Column, spec: Spec) -> Column:
        return way(value, spec) if any(map(says.match, spec.formats)) else F.lit(None).cast(kind)

    return allowed


_DAY_ONLY = re.compile(r"[^HhKk_]*$")  # no hour, and not `epoch_…`
_IN_UTC = re.compile(r"yyyy-MM-dd.HH:mm:ss|yyyy-MM-dd'T'HH:mm:ss")

# What is stored otherwise than Spark knows it, as a moment, and the kind of that moment.
_MOMENTS: Mapping[str, tuple[_Way, str]] = {
    NANOS: (_from_nanos, "timestamp"),
    LOCAL_NANOS: (lambda value, spec: _from_nanos(value, spec).cast("timestamp_ntz"), "timestamp_ntz"),
}
_TIMES: Mapping[tuple[str, str], _Way] = {
    ("timestamp_ntz", "timestamp"): _in_zone,
    ("timestamp_ntz", "date"): _day,
    ("date", "timestamp"): _as_formats_say(_in_zone, "timestamp", _DAY_ONLY),
    ("date", "timestamp_ntz"): _as_formats_say(
        lambda value, _: value.cast("timestamp_ntz"), "timestamp_ntz", _DAY_ONLY
    ),
    ("timestamp", "timestamp_ntz"): _as_formats_say(
        lambda value, _: value.cast("timestamp_ntz"), "timestamp_ntz", _IN_UTC
    ),
    ("timestamp", "date"): _as_formats_say(_day, "date", _IN_UTC),
}


def _array(way: Given | None) -> Given | None:
    """Null where one element is not exactly of its type."""
    if way is None:
        return None

    def whole(value: Column) -> Column:
        lost = F.exists(value, lambda element: element.isNotNull() & way(element).isNull())
        return F.when(~F.coalesce(lost, F.lit(False)), F.transform(value, way))

    return whole


def _map(have: MapType, way: Given | None) -> Given | None:
    if way is None:
        return None

    def whole(value: Column) -> Column:
        lost = F.exists(F.map_values(value), lambda element: element.isNotNull() & way(element).isNull())
        keyed = F.transform_keys(value, lambda key, _: text_of(key, have.key))
        typed = F.transform_values(keyed, lambda _, element: way(element))
        return F.when(~F.coalesce(lost, F.lit(False)), typed)

    return whole


def _struct(have: StructType, want: StructType, spec: Spec) -> Given | None:
    fields = dict(have.fields)
    ways = {name: given(fields[name], kind, spec) for name, kind in want.fields if name in fields}
    if None in ways.values():
        return None

    def whole(value: Column) -> Column:
        parts, lost = [], F.lit(False)
        for name, kind in want.fields:
            way = ways.get(name)
            part = way(value.getField(name)) if way else F.lit(None).cast(spark_type(kind))
            lost = lost | (value.getField(name).isNotNull() & part.isNull()) if way else lost
            parts.append(part.alias(name))
        return F.when(value.isNotNull() & ~lost, F.struct(*parts))

    return whole
