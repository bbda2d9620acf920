"""Column types in Spark DDL words, read without a JVM so that `headgate check` stays quick."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyspark.sql import types as T

SCALARS: dict[str, T.DataType] = {
    "string": T.StringType(),
    "boolean": T.BooleanType(),
    "tinyint": T.ByteType(),
    "smallint": T.ShortType(),
    "int": T.IntegerType(),
    "integer": T.IntegerType(),
    "bigint": T.LongType(),
    "long": T.LongType(),
    "float": T.FloatType(),
    "double": T.DoubleType(),
    "date": T.DateType(),
    "timestamp": T.TimestampType(),
    "timestamp_ntz": T.TimestampNTZType(),
    "binary": T.BinaryType(),
}

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|`[^`]+`|\d+|[<>(),:])")


def parse_type(text: str) -> T.DataType:
    """Read a Spark DDL type such as `decimal(12,2)` or `array<struct<year:int,share:string>>`.

    Raises `ValueError` with what was expected and where.
    """
    tokens = _tokens(text)
    parsed = _type(tokens, text)
    if tokens:
        raise ValueError(f"`{text}` has `{tokens[0]}` after the type")
    return parsed


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"`{text}` cannot be read at character {position + 1}")
        found.append(match[1])
        position = match.end()
    return found


def _take(tokens: list[str], wanted: str, text: str) -> None:
    if not tokens or tokens.pop(0) != wanted:
        raise ValueError(f"`{text}` lacks a `{wanted}`")


def _type(tokens: list[str], text: str) -> T.DataType:
    word = tokens.pop(0).lower() if tokens else ""
    if word == "decimal":
        return _decimal(tokens, text)
    if word == "array":
        _take(tokens, "<", text)
        element = _type(tokens, text)
        _take(tokens, ">", text)
        return T.ArrayType(element)
    if word == "map":
        _take(tokens, "<", text)
        key = _type(tokens, text)
        _take(tokens, ",", text)
        value = _type(tokens, text)
        _take(tokens, ">", text)
        return T.MapType(key, value)
    if word == "struct":
        return _struct(tokens, text)
    if word not in SCALARS:
        raise ValueError(f"`{word or text}` is not a type; known are {', '.join(_KNOWN)}")
    return SCALARS[word]


def _decimal(tokens: list[str], text: str) -> T.DecimalType:
    if not tokens or tokens[0] != "(":
        raise ValueError(f"`{text}` needs its precision and scale, for example `decimal(12,2)`")
    _take(tokens, "(", text)
    precision = int(tokens.pop(0)) if tokens and tokens[0].isdigit() else 0
    scale = 0
    if tokens and tokens[0] == ",":
        tokens.pop(0)
        scale = int(tokens.pop(0)) if tokens and tokens[0].isdigit() else -1
    _take(tokens, ")", text)
    if not (1 <= precision <= 38 and 0 <= scale <= precision):
        raise ValueError(f"`{text}` must have 1 to 38 digits and no more decimals than digits")
    return T.DecimalType(precision, scale)


def _struct(tokens: list[str], text: str) -> T.StructType:
    _take(tokens, "<", text)
    fields: list[T.StructField] = []
    while True:
        name = tokens.pop(0).strip("`") if tokens else ""
        _take(tokens, ":", text)
        fields.append(T.StructField(name, _type(tokens, text)))
        if tokens and tokens[0] == ",":
            tokens.pop(0)
            continue
        _take(tokens, ">", text)
        return T.StructType(fields)


_KNOWN = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(p,s)", "date",
          "timestamp", "timestamp_ntz", "binary", "array<…>", "map<…,…>", "struct<…>")  # fmt: skip


def leaves(data_type: T.DataType) -> Iterator[T.DataType]:
    """The scalar types that a type is made of; map keys are texts and left out."""
    if isinstance(data_type, T.ArrayType):
        yield from leaves(data_type.elementType)
    elif isinstance(data_type, T.MapType):
        yield from leaves(data_type.valueType)
    elif isinstance(data_type, T.StructType):
        for field in data_type.fields:
            yield from leaves(field.dataType)
    else:
        yield data_type


def is_nested(data_type: T.DataType) -> bool:
    """True for arrays, maps and structs."""
    return isinstance(data_type, T.ArrayType | T.MapType | T.StructType)
