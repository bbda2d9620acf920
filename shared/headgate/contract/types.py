"""Column types: read from Spark DDL text without Spark, so that `headgate check` stays quick.

`spark/types.py` turns them into Spark's own types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ScalarType:
    """A type without parts, such as `int`; `kind` is Spark's name for it."""

    kind: str

    @property
    def ddl(self) -> str:
        """The type as Spark spells it."""
        return self.kind


@dataclass(frozen=True)
class DecimalType:
    """An exact number with `precision` digits, `scale` of them after the point."""

    precision: int
    scale: int
    kind: str = field(init=False, default="decimal")

    @property
    def ddl(self) -> str:
        """The type as Spark spells it."""
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True)
class ArrayType:
    """A list of elements of one type."""

    element: DataType
    kind: str = field(init=False, default="array")

    @property
    def ddl(self) -> str:
        """The type as Spark spells it."""
        return f"array<{self.element.ddl}>"


@dataclass(frozen=True)
class MapType:
    """Values of one type by keys of another."""

    key: DataType
    value: DataType
    kind: str = field(init=False, default="map")

    @property
    def ddl(self) -> str:
        """The type as Spark spells it."""
        return f"map<{self.key.ddl},{self.value.ddl}>"


@dataclass(frozen=True)
class StructType:
    """Named fields, in order."""

    fields: tuple[tuple[str, DataType], ...]
    kind: str = field(init=False, default="struct")

    @property
    def ddl(self) -> str:
        """The type as Spark spells it."""
        return f"struct<{','.join(f'{name}:{kind.ddl}' for name, kind in self.fields)}>"


DataType = ScalarType | DecimalType | ArrayType | MapType | StructType

_OTHER_NAMES = {"integer": "int", "long": "bigint"}
SCALARS = (
    "string", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "date", "timestamp",
    "timestamp_ntz", "time", "binary",
)  # fmt: skip
INTEGERS = ("tinyint", "smallint", "int", "bigint")
FLOATS = ("float", "double")
TIMES = ("date", "timestamp", "timestamp_ntz", "time")

_KNOWN = ("string", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(p,s)", "date",
          "timestamp", "timestamp_ntz", "time", "binary", "array<…>", "map<…,…>", "struct<…>")  # fmt: skip
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|`[^`]+`|\d+|[<>(),:])")


def parse_type(text: str) -> DataType:
    """Read a Spark DDL type such as `decimal(12,2)` or `array<struct<year:int,share:string>>`.

    Raises `ValueError` with what was expected and where.
    """
    tokens = _tokens(text)
    parsed = _type(tokens, text)
    if tokens:
        raise ValueError(f"`{text}` has `{tokens[0]}` after the type")
    return parsed


def leaves(data_type: DataType) -> Iterator[ScalarType | DecimalType]:
    """The scalar types inside a type, or the type itself; keys of maps are texts and left out."""
    if isinstance(data_type, ArrayType):
        yield from leaves(data_type.element)
    elif isinstance(data_type, MapType):
        yield from leaves(data_type.value)
    elif isinstance(data_type, StructType):
        for _, kind in data_type.fields:
            yield from leaves(kind)
    else:
        yield data_type


def stored_type(data_type: DataType) -> DataType:
    """The type as a table stores it: Spark has no time of day, so it is stored as text."""
    return ScalarType("string") if data_type.kind == "time" else data_type


def is_nested(data_type: DataType) -> bool:
    """True for arrays, maps and structs."""
    return isinstance(data_type, ArrayType | MapType | StructType)


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"`{text}` cannot be read at character {position + 1}")
        tokens.append(match[1])
        position = match.end()
    return tokens


def _take(tokens: list[str], wanted: str, text: str) -> None:
    if not tokens or tokens.pop(0) != wanted:
        raise ValueError(f"`{text}` lacks a `{wanted}`")


def _type(tokens: list[str], text: str) -> DataType:
    word = tokens.pop(0).lower() if tokens else ""
    word = _OTHER_NAMES.get(word, word)
    if word in SCALARS:
        return ScalarType(word)
    if word == "decimal":
        return _decimal(tokens, text)
    if word == "array":
        return ArrayType(*_inner(tokens, 1, text))
    if word == "map":
        return MapType(*_inner(tokens, 2, text))
    if word == "struct":
        return _struct(tokens, text)
    raise ValueError(f"`{word or text}` is not a type; known are {', '.join(_KNOWN)}")


def _inner(tokens: list[str], count: int, text: str) -> list[DataType]:
    """The types between `<` and `>`, separated by commas."""
    inner = []
    for before in ["<", *[","] * (count - 1)]:
        _take(tokens, before, text)
        inner.append(_type(tokens, text))
    _take(tokens, ">", text)
    return inner


def _decimal(tokens: list[str], text: str) -> DecimalType:
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
    return DecimalType(precision, scale)


def _struct(tokens: list[str], text: str) -> StructType:
    _take(tokens, "<", text)
    fields: list[tuple[str, DataType]] = []
    while True:
        name = tokens.pop(0).strip("`") if tokens else ""
        _take(tokens, ":", text)
        fields.append((name, _type(tokens, text)))
        if tokens and tokens[0] == ",":
            tokens.pop(0)
            continue
        _take(tokens, ">", text)
        return StructType(tuple(fields))
