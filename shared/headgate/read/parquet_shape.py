"""What the columns of a Parquet file are, by its footer: types of contracts, and kinds that Spark has no name for.

Spark would derive its own types from the footer, and give up the whole file where one column has a type that it does
not know. Here every column is looked at by itself, so a column that no contract reads does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from headgate.contract.types import ArrayType, DataType, DecimalType, MapType, ScalarType, StructType

# Kinds besides those of contracts, and the type under which Spark reads what is stored.
NANOS, LOCAL_NANOS = "nanoseconds", "local nanoseconds"
TIMES_OF_DAY = {"time in milliseconds": 1_000, "time in microseconds": 1_000_000, "time in nanoseconds": 1_000_000_000}
UUID, NOTHING = "uuid", "nothing"
STORED_AS = {
    NANOS: "bigint", LOCAL_NANOS: "bigint", UUID: "binary", NOTHING: "int",
    "time in milliseconds": "int", "time in microseconds": "bigint", "time in nanoseconds": "bigint",
}  # fmt: skip

# Kinds that Spark cannot read at all; pyarrow can.
HALF, WIDE = "half-precision float", "decimal with more than 38 digits"

_PLAIN = {"BOOLEAN": "boolean", "INT32": "int", "INT64": "bigint", "INT96": "timestamp", "FLOAT": "float",
          "DOUBLE": "double", "BYTE_ARRAY": "binary", "FIXED_LEN_BYTE_ARRAY": "binary"}  # fmt: skip
_BY_NAME = {"String": "string", "JSON": "string", "Enum": "string", "BSON": "binary", "Date": "date",
            "UUID": UUID, "Float16": HALF, "Null": NOTHING}  # fmt: skip
_SIGNED = {8: "tinyint", 16: "smallint", 32: "int", 64: "bigint"}
_UNSIGNED: dict[int, DataType] = {
    8: ScalarType("smallint"), 16: ScalarType("int"), 32: ScalarType("bigint"), 64: DecimalType(20, 0),
}  # fmt: skip
_MOST_DIGITS = 38


class UnreadableType(Exception):
    """Raised for a column of a type that cannot be read exactly; the text names the type."""


def shape(arrow_type: Any, leaves: Iterator[Any]) -> DataType:
    """The type of one column: its nesting as Arrow sees it, its leaves (in the order of the file) as they are stored.

    Raises `UnreadableType`.
    """
    import pyarrow.types as pat

    if isinstance(arrow_type, _extensions()):
        return shape(arrow_type.storage_type, leaves)
    if pat.is_dictionary(arrow_type):
        return shape(arrow_type.value_type, leaves)
    if pat.is_map(arrow_type):
        return MapType(shape(arrow_type.key_type, leaves), shape(arrow_type.item_type, leaves))
    if pat.is_struct(arrow_type):
        return StructType(tuple((field.name, shape(field.type, leaves)) for field in arrow_type))
    if hasattr(arrow_type, "value_field"):  # lists of every kind
        return ArrayType(shape(arrow_type.value_type, leaves))
    return leaf(next(leaves))


def leaf(stored: Any) -> DataType:
    """The type of one leaf, by the footer's physical and logical types. Raises `UnreadableType`."""
    logical = json.loads(stored.logical_type.to_json())
    kind, unit = logical["Type"], logical.get("timeUnit", "")
    if kind in ("None", "Undefined"):
        return ScalarType(_PLAIN[stored.physical_type])
    if kind in _BY_NAME:
        return ScalarType(_BY_NAME[kind])
    if kind == "Int":
        width = logical["bitWidth"]
        return ScalarType(_SIGNED[width]) if logical["isSigned"] else _UNSIGNED[width]
    if kind == "Decimal":
        wide = logical["precision"] > _MOST_DIGITS
        return ScalarType(WIDE) if wide else DecimalType(logical["precision"], logical["scale"])
    if kind == "Time":
        return ScalarType(f"time in {unit}")
    if kind == "Timestamp" and unit == "nanoseconds":
        return ScalarType(NANOS if logical["isAdjustedToUTC"] else LOCAL_NANOS)
    if kind == "Timestamp":
        return ScalarType("timestamp" if logical["isAdjustedToUTC"] else "timestamp_ntz")
    raise UnreadableType(kind.upper())


def leaf_count(arrow_type: Any) -> int:
    """How many leaves of the file a column consists of."""
    import pyarrow.types as pat

    if isinstance(arrow_type, _extensions()):
        return leaf_count(arrow_type.storage_type)
    if pat.is_dictionary(arrow_type):
        return leaf_count(arrow_type.value_type)
    return sum(leaf_count(arrow_type.field(i).type) for i in range(arrow_type.num_fields)) or 1


def kinds(data_type: DataType) -> set[str]:
    """The kinds of all leaves, keys of maps included."""
    if isinstance(data_type, ArrayType):
        return kinds(data_type.element)
    if isinstance(data_type, MapType):
        return kinds(data_type.key) | kinds(data_type.value)
    if isinstance(data_type, StructType):
        return set().union(*(kinds(field) for _, field in data_type.fields))
    return {data_type.kind}


def _extensions() -> tuple[type, ...]:
    import pyarrow as pa

    return (pa.BaseExtensionType,)
