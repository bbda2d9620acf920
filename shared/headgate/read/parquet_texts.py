"""Typed values as texts: as a person writes the number or the time, not as an engine prints it."""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.types import (
    FLOATS,
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    ScalarType,
    StructType,
    is_nested,
)
from headgate.read.parquet_shape import LOCAL_NANOS, NANOS, TIMES_OF_DAY, UUID, kinds

TEXT = ScalarType("string")
_MICROS = "yyyy-MM-dd HH:mm:ss.SSSSSS"
_EXACT_DIGITS = 15  # that every double keeps; Java prints up to three more than it must


def text_of(value: Column, have: DataType) -> Column:
    """The text of a value of the type `have`; a nested one as JSON with texts as leaves."""
    if is_nested(have):
        return F.to_json(with_text_leaves(value, have))
    if isinstance(have, DecimalType):
        return _without_zeros(plain_decimal(value, have.scale)) if have.scale else value.cast("string")
    if have.kind in FLOATS:
        return plain_float(value)
    if have.kind in (NANOS, LOCAL_NANOS):
        return _nanos_text(value)
    if have.kind in TIMES_OF_DAY:
        return _time_text(value, TIMES_OF_DAY[have.kind])
    if have.kind == UUID:
        digits = F.lower(F.hex(value))
        return F.concat_ws("-", *(F.substring(digits, at, n) for at, n in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))))
    return decoded(value) if have.kind in ("string", "binary") else value.cast("string")


def with_text_leaves(value: Column, have: DataType) -> Column:
    """The same shape, with the text of each leaf."""
    if isinstance(have, ArrayType):
        return F.transform(value, lambda element: with_text_leaves(element, have.element))
    if isinstance(have, MapType):
        by_text = F.transform_keys(value, lambda key, _: text_of(key, have.key))
        return F.transform_values(by_text, lambda _, element: with_text_leaves(element, have.value))
    if isinstance(have, StructType):
        fields = (with_text_leaves(value.getField(name), kind).alias(name) for name, kind in have.fields)
        return F.when(value.isNotNull(), F.struct(*fields))
    return text_of(value, have)


def published_text(value: Column, have: DataType) -> Column:
    """The text of a value whose column is declared as a string: decimals keep their zeros, JSON its numbers."""
    if isinstance(have, DecimalType):
        return plain_decimal(value, have.scale)
    odd = {NANOS, LOCAL_NANOS, UUID, "decimal", "string", "binary", *FLOATS, *TIMES_OF_DAY}
    return F.to_json(value) if is_nested(have) and not kinds(have) & (odd - {"string"}) else text_of(value, have)


def decoded(value: Column) -> Column:
    """Bytes as UTF-8 text; bytes that are none become U+FFFD."""
    return F.decode(value.cast("binary"), "UTF-8")


def not_text(value: Column, have: DataType) -> Column | None:
    """True where bytes that should be text are not UTF-8; never null. None where the type holds no such bytes."""
    if isinstance(have, ArrayType):
        return _within(value, have.element)
    if isinstance(have, MapType):
        parts = [_within(F.map_keys(value), have.key), _within(F.map_values(value), have.value)]
        return _any([part for part in parts if part is not None])
    if isinstance(have, StructType):
        fields = [not_text(value.getField(name), kind) for name, kind in have.fields]
        return _any([field for field in fields if field is not None])
    if have.kind not in ("string", "binary"):
        return None
    return F.coalesce(decoded(value).cast("binary") != value.cast("binary"), F.lit(False))


def _within(values: Column, of: DataType) -> Column | None:
    if not_text(F.lit(None), of) is None:
        return None
    found = F.exists(values, lambda element: not_text(element, of))  # type: ignore[arg-type,return-value]
    return F.coalesce(found, F.lit(False))


def _any(conditions: list[Column]) -> Column | None:
    return reduce(or_, conditions) if conditions else None


def plain_decimal(value: Column, scale: int) -> Column:
    """A decimal without exponent: Spark prints zero as `0E-10`."""
    text = value.cast("string")
    return F.when(text.contains("E"), F.translate(F.format_number(value, scale), ",", "")).otherwise(text)


def shortest(number: Column) -> Column:
    """The shortest decimal form of a float, with an exponent where it is long; Java's own is sometimes longer."""
    text = number.cast("string")
    tries = (F.format_string(f"%.{digits - 1}e", number) for digits in range(_EXACT_DIGITS, _EXACT_DIGITS + 3))
    same = (F.when(shorter.cast("double") == number, shorter) for shorter in tries)
    long = (F.length(text) > _EXACT_DIGITS + 1) & (F.abs(number) >= 1e15)
    return F.when(long, F.coalesce(*same, text)).otherwise(text)


def plain_float(number: Column) -> Column:
    """A float in its shortest form without exponent where 38 digits hold it: `12345678.9`, `5.0`, `0.0001`."""
    text = shortest(number)
    size = F.abs(number)
    integer = text.cast("decimal(38,0)")
    whole = F.concat(integer.cast("string"), F.lit(".0"))
    large = _without_zeros(text.cast("decimal(38,18)").cast("string"))
    small = F.translate(F.format_number(text.cast("decimal(38,38)"), 38), ",", "")
    holds = small.cast("double") == number.cast("string").cast("double")
    return (
        F.when(~F.lower(text).contains("e"), text)
        .when(size >= 1e38, text)
        .when((size >= 1e7) & (integer.cast("double") == text.cast("double")), whole)
        .when(size >= 1e7, F.coalesce(large, text))
        .when(holds, _without_zeros(small))
        .otherwise(text)
    )


def _without_zeros(text: Column) -> Column:
    return F.when(text.contains("."), F.regexp_replace(text, r"\.?0+$", "")).otherwise(text)


def micros_of(nanos: Column) -> tuple[Column, Column]:
    """The last whole microsecond before a number of nanoseconds, and the nanoseconds after it."""
    rest = F.pmod(nanos, F.lit(1000))
    cut = F.call_function("div", nanos, F.lit(1000))
    return F.when((nanos < 0) & (rest != 0), cut - 1).otherwise(cut), rest


def _nanos_text(nanos: Column) -> Column:
    micros, rest = micros_of(nanos)
    at = F.timestamp_micros(micros)
    exact = F.concat(F.date_format(at, _MICROS), F.lpad(rest.cast("string"), 3, "0"))
    return F.when(rest == 0, at.cast("string")).otherwise(_without_zeros(exact))


def _time_text(value: Column, per_second: int) -> Column:
    """`HH:mm:ss`, with as many fraction digits as it has."""
    if per_second == 1_000_000_000:
        return F.substring(_nanos_text(value), 12, 18)
    micros = value.cast("bigint") * (1_000_000 // per_second)
    return F.substring(F.timestamp_micros(micros).cast("string"), 12, 15)
