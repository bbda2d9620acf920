"""Strict types: a text becomes a value only when it is written exactly as such a value.

A typed value is null where the text is not such a value; a fault is then a text without a value. Spark's own casts are
looser (`1d`, `2024` for a date, `12:30` for today), so a text is matched before it is cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
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
from headgate.gate.numbers import plain_number
from headgate.gate.sentinels import is_sentinel, is_sentinel_text
from headgate.gate.times import in_calendar, read_time
from headgate.spark.types import spark_type

# White space around a value: ASCII, no-break, figure, thin, narrow and ideographic spaces, byte-order mark.
SPACES = " \t\n\r\f\v\u00a0\u2007\u2009\u202f\u3000\ufeff"

_INTEGER = r"^[+-]?[0-9]+\z"
_WHOLE = r"^[+-]?[0-9]+(\.0*)?\z"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\z"
_FLOATING = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z"
_NOT_FINITE = r"(?i)^[+-]?(nan|inf|infinity)\z"
_TEXT = ScalarType("string")
_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{0,5}[1-9])?\z"  # as a table stores it


@dataclass(frozen=True)
class Typed:
    """A value, and whether the text or value read was not one; `value` is null where `fault` is true."""

    value: Column
    fault: Column


def cleaned(text: Column, spec: Spec, null_texts: tuple[str, ...]) -> Column:
    """The text without white space around it (strings keep theirs unless `trim`), or what it stands for in `map`.

    Null where that means no value.
    """
    keeps_spaces = spec.data_type.kind == "string" and not spec.trim
    return _present(text if keeps_spaces else F.btrim(text, F.lit(SPACES)), spec, null_texts)


def _present(bare: Column, spec: Spec, null_texts: tuple[str, ...]) -> Column:
    """The text that a trimmed text stands for, null where that means no value."""
    if spec.map:
        others = F.create_map(*(F.lit(text) for pair in spec.map.items() for text in pair))
        bare = F.coalesce(others[bare], bare)
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
    missing = is_sentinel_text(bare, spec)
    fault = ~_is_value(typed, spec) & bare.isNotNull()  # in this order: few texts without a value need trimming
    return _without_sentinels(typed, fault if missing is None else fault & ~missing, spec)


def typed_value(value: Column, spec: Spec) -> Typed:
    """Bring a value that already has an equal or narrower type (Parquet, derived) to the declared type."""
    typed = value.cast(spark_type(spec.data_type))
    if isinstance(spec.data_type, DecimalType):
        exact = F.lit(True) if spec.round else (typed == value)
        typed = F.when(exact, typed)
    if spec.data_type.kind in FLOATS and not spec.allow_nan:
        typed = F.when(_finite(typed), typed)
    if spec.data_type.kind == "time":
        typed = F.when(typed.rlike(_TIME_OF_DAY), typed)
    return _without_sentinels(typed, value.isNotNull() & ~_is_value(typed, spec), spec)


def _is_value(typed: Column, spec: Spec) -> Column:
    """True for a value, and for one of a calendar that every reader knows."""
    kind = spec.data_type.kind
    in_years = kind in TIMES and kind != "time"
    return typed.isNotNull() & in_calendar(typed, kind) if in_years else typed.isNotNull()


def _without_sentinels(typed: Column, fault: Column, spec: Spec) -> Typed:
    missing = is_sentinel(typed, spec, lambda text: _scalar(F.lit(text), spec.data_type, spec))
    present = _is_value(typed, spec) if spec.data_type.kind in TIMES else None
    kept = [condition for condition in (present, None if missing is None else ~missing) if condition is not None]
    return Typed(F.when(reduce(and_, kept), typed) if kept else typed, fault)


def _scalar(text: Column, declared: DataType, spec: Spec) -> Column:
    kind, as_declared = declared.kind, spark_type(declared)
    if kind in (*INTEGERS, *FLOATS, "decimal"):
        text = plain_number(text, spec)
    if kind in INTEGERS:
        return F.when(text.rlike(_WHOLE if spec.allow_point_zero else _INTEGER), text.cast(as_declared))
    if isinstance(declared, DecimalType):
        return F.when(text.rlike(_decimal_pattern(declared, spec)), text.cast(as_declared))
    if kind in FLOATS:
        return _floating(text, as_declared, spec)
    if kind == "boolean":
        return _boolean(text, spec)
    if kind in TIMES and not spec.formats:
        return F.lit(None).cast(as_declared)  # no format is declared: no text is such a value
    if kind in TIMES:
        return read_time(text, kind, spec)
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
        return Typed(F.when(loose.isNotNull(), whole), reduce(or_, [part.fault for part in parts.values()]))
    bare = _present(loose, spec, null_texts)
    typed = _scalar(bare, declared, spec)
    return Typed(typed, bare.isNotNull() & typed.isNull())
