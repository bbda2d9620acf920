"""A contract's column types as Spark's own."""

from __future__ import annotations

from pyspark.sql import types as T

from headgate.columns import PARTS
from headgate.contract.types import ArrayType, DataType, DecimalType, MapType, StructType

_SCALARS: dict[str, T.DataType] = {
    "string": T.StringType(),
    "boolean": T.BooleanType(),
    "tinyint": T.ByteType(),
    "smallint": T.ShortType(),
    "int": T.IntegerType(),
    "bigint": T.LongType(),
    "float": T.FloatType(),
    "double": T.DoubleType(),
    "date": T.DateType(),
    "timestamp": T.TimestampType(),
    "timestamp_ntz": T.TimestampNTZType(),
    "time": T.StringType(),  # Spark has no type for a time of day
    "binary": T.BinaryType(),
}


def spark_type(data_type: DataType) -> T.DataType:
    """Spark's type for a type of a contract; everything in it may be null."""
    if isinstance(data_type, DecimalType):
        return T.DecimalType(data_type.precision, data_type.scale)
    if isinstance(data_type, ArrayType):
        return T.ArrayType(spark_type(data_type.element))
    if isinstance(data_type, MapType):
        return T.MapType(spark_type(data_type.key), spark_type(data_type.value))
    if isinstance(data_type, StructType):
        return T.StructType([T.StructField(name, spark_type(field)) for name, field in data_type.fields])
    return _SCALARS[data_type.kind]


def is_nested(kind: T.DataType) -> bool:
    """True for Spark's arrays, maps and structs."""
    return isinstance(kind, T.ArrayType | T.MapType | T.StructType)


def is_in_parts(kind: T.DataType) -> bool:
    """True for a column whose values come in `PARTS`, since their type is not the column's."""
    return isinstance(kind, T.StructType) and tuple(kind.names) == PARTS
