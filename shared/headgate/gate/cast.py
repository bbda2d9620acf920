"""Strict types: a text becomes a value only when it is written exactly as such a value.

A typed value is null where the text is not such a value; a fault is then a text without a value. Spark's own casts are
looser (`1d`, `2024` for a date, `12:30` for today), so a text is matched before it is cast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.contract.model import Column as Spec
from headgate.contract.types import (
    FLOATS,
    INTEGERS,
    TIMES,
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    ScalarType,
    StructType,
)
from headgate.spark.types import spark_type

# White space around a value: ASCII, no-break, figure, thin, narrow and ideographic spaces, byte-order mark.
SPACES = " \t\n\r\f\v\u00a0\u2007\u2009\u202f\u3000\ufeff"
EPOCHS = {"epoch_seconds": 1, "epoch_millis": 1000}

_INTEGER = r"^[+-]?[0-9]+\z"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\z"
_FLOATING = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z"
_NOT_FINITE = r"(?i)^[+-]?(nan|inf|infinity)\z"
_TEXT = ScalarType("string")
_YEAR_9999 = 253_402_300_799  # the last second of the last year with four digits


@dataclass(frozen=True)
class Typed:
    """A value, and whether the text or value read was not one; `value` is null where `fault` is true."""

    value: Column
    fault: Column


def cleaned(text: Column, spec: Spec, null_texts: tuple[str, ...]) -> Column:
    """The text without white space around it (strings keep theirs unless `trim`), null where it means no value."""
    keeps_spaces = spec.data_type.kind == "string" and not spec.trim
    bare = text if keeps_spaces else F.btrim(text, F.lit(SPACES))
    return F.when(~bare.isin(*null_texts), bare) if null_texts else bare


def typed_text(text: Column, spec: Spec, null_texts: tuple[str, ...]) -> Typed:
    """Type a text of a file; a nested column is JSON text with texts as leaves."""
    if spec.nested:
        loose = F.from_json(text, _json_schema(spec.data_type))
        inner = _nested(loose, spec.data_type, spec, null_texts)
        return Typed(inner.value, (text.isNotNull() & loose.isNull()) | inner.fault)
    bare = cleaned(text, spec, null_texts)
    return meant(bare, typed_scalar(bare, spec), spec)


def typed_scalar(bare: Column, spec: Spec) -> Column:
    """The value of a cleaned text, null where it has none; sentinels are still values."""
    return _scalar(bare, spec.data_type, spec)


def meant(bare: Column, typed: Column, spec: Spec) -> Typed:
    """The result of a cleaned text and its value: a text without a value is a fault, a sentinel is a missing value."""
    return Typed(_without_sentinels(typed, spec), bare.isNotNull() & typed.isNull())


def typed_value(value: Column, spec: Spec) -> Typed:
    """Bring a value that already has an equal or narrower type (Parquet, derived) to the declared type."""
    typed = value.cast(spark_type(spec.data_type))
    if isinstance(spec.data_type, DecimalType):
        exact = F.lit(True) if spec.round else (typed == value)
        typed = F.when(exact, typed)
    if spec.data_type.kind in FLOATS and not spec.allow_nan:
        typed = F.when(_finite(typed), typed)
    return Typed(_without_sentinels(typed, spec), value.isNotNull() & typed.isNull())


def _without_sentinels(typed: Column, spec: Spec) -> Column:
    if not spec.sentinels:
        return typed
    literals = [_scalar(F.lit(text), spec.data_type, spec) for text in spec.sentinels]
    meant = [typed.eqNullSafe(literal) for literal in literals]
    return F.when(~_any(meant), typed)


def _any(conditions: list[Column]) -> Column:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first


def _scalar(text: Column, declared: DataType, spec: Spec) -> Column:
    kind, as_declared = declared.kind, spark_type(declared)
    if kind in INTEGERS:
        return F.when(text.rlike(_INTEGER), text.cast(as_declared))
    if isinstance(declared, DecimalType):
        return F.when(text.rlike(_decimal_pattern(declared, spec)), text.cast(as_declared))
    if kind in FLOATS:
        return _floating(text, as_declared, spec)
    if kind == "boolean":
        return _boolean(text, spec)
    if kind in TIMES and not spec.formats:
        return F.lit(None).cast(as_declared)  # no format is declared: no text is such a value
    if kind in TIMES:
        return F.coalesce(*(_TIME_READERS[kind](text, pattern, spec) for pattern in spec.formats))
    return text


def _decimal_pattern(declared: DecimalType, spec: Spec) -> str:
    """As many decimals as the scale has, not one more, unless the column rounds."""
    if spec.round:
        return _DECIMAL
    if declared.scale == 0:
        return _INTEGER
    return rf"^[+-]?([0-9]+(\.[0-9]{{0,{declared.scale}}})?|\.[0-9]{{1,{declared.scale}}})\z"


def _floating(text: Column, kind: T.DataType, spec: Spec) -> Column:
    number = F.when(text.rlike(_FLOATING), text.cast(kind))
    if spec.allow_nan:
        return F.coalesce(number, F.when(text.rlike(_NOT_FINITE), text.cast(kind)))
    return F.when(_finite(number), number)


def _finite(number: Column) -> Column:
    return ~F.isnan(number) & ~F.abs(number).isin(float("inf"))


def _boolean(text: Column, spec: Spec) -> Column:
    word = F.lower(text)
    true = word.isin(*(text.lower() for text in spec.true_texts))
    false = word.isin(*(text.lower() for text in spec.false_texts))
    return F.when(true, F.lit(True)).when(false, F.lit(False))


def _date(text: Column, pattern: str, spec: Spec) -> Column:
    return F.to_date(text, pattern)


def _timestamp(text: Column, pattern: str, spec: Spec) -> Column:
    if pattern in EPOCHS:
        return _epoch(text, EPOCHS[pattern])
    read = F.to_timestamp(text, pattern)
    zoned = any(letter in _outside_quotes(pattern) for letter in "XxzVOZ")
    return read if zoned or not spec.timezone else F.to_utc_timestamp(read, spec.timezone)


def _timestamp_ntz(text: Column, pattern: str, spec: Spec) -> Column:
    if pattern in EPOCHS:
        return _epoch(text, EPOCHS[pattern]).cast(T.TimestampNTZType())
    return F.to_timestamp_ntz(text, F.lit(pattern))


def _epoch(text: Column, per_second: int) -> Column:
    number = F.when(text.rlike(_INTEGER), text.cast("bigint"))
    in_range = number.between(-_YEAR_9999 * per_second, _YEAR_9999 * per_second + per_second - 1)
    safe = F.when(in_range, number)
    return F.timestamp_seconds(safe) if per_second == 1 else F.timestamp_millis(safe)


def _outside_quotes(pattern: str) -> str:
    return "".join(part for at, part in enumerate(pattern.split("'")) if at % 2 == 0)


_TIME_READERS: dict[str, Callable[[Column, str, Spec], Column]] = {
    "date": _date,
    "timestamp": _timestamp,
    "timestamp_ntz": _timestamp_ntz,
}


def _json_schema(declared: DataType) -> Any:
    """The schema by which Spark reads the JSON text of a nested value: the declared shape with texts as leaves."""
    return spark_type(_with_text_leaves(declared))


def _with_text_leaves(declared: DataType) -> DataType:
    if isinstance(declared, ArrayType):
        return ArrayType(_with_text_leaves(declared.element))
    if isinstance(declared, MapType):
        return MapType(_TEXT, _with_text_leaves(declared.value))
    if isinstance(declared, StructType):
        return StructType(tuple((name, _with_text_leaves(field)) for name, field in declared.fields))
    return _TEXT


def _nested(loose: Column, declared: DataType, spec: Spec, null_texts: tuple[str, ...]) -> Typed:
    def inner(element: Column, element_type: DataType) -> Typed:
        return _nested(element, element_type, spec, null_texts)

    if isinstance(declared, ArrayType):
        of = declared.element
        fault = F.exists(loose, lambda element: inner(element, of).fault)
        return Typed(F.transform(loose, lambda element: inner(element, of).value), F.coalesce(fault, F.lit(False)))
    if isinstance(declared, MapType):
        of = declared.value
        fault = F.exists(F.map_values(loose), lambda element: inner(element, of).fault)
        typed = F.transform_values(loose, lambda _, element: inner(element, of).value)
        return Typed(typed, F.coalesce(fault, F.lit(False)))
    if isinstance(declared, StructType):
        parts = {name: inner(loose.getField(name), field) for name, field in declared.fields}
        whole = F.struct(*(part.value.alias(name) for name, part in parts.items()))
        return Typed(F.when(loose.isNotNull(), whole), _any([part.fault for part in parts.values()]))
    bare = F.when(~loose.isin(*null_texts), loose) if null_texts else loose
    typed = _scalar(bare, declared, spec)
    return Typed(typed, bare.isNotNull() & typed.isNull())
