"""Rows of an older schema in the shape of a newer one: fields that were added are null, also inside nested columns."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.contract.types import parse_type
from headgate.spark.types import is_nested, spark_type


def with_added_fields(rows: DataFrame, wanted: Sequence[tuple[str, str]]) -> DataFrame:
    """The rows, their nested columns with every field of the `wanted` types (names and Spark DDL types)."""
    types = {name: spark_type(parse_type(ddl)) for name, ddl in wanted}
    return rows.withColumns({
        field.name: aligned(F.col(f"`{field.name}`"), field.dataType, types[field.name])
        for field in rows.schema.fields
        if field.name in types and is_nested(field.dataType) and not _equal(field.dataType, types[field.name])
    })  # fmt: skip


def aligned(value: Column, have: T.DataType, want: T.DataType) -> Column:
    """A value of one type as a value of a type that has more fields or is wider; a null stays null."""
    if _equal(have, want):
        return value
    if isinstance(have, T.StructType) and isinstance(want, T.StructType):
        return F.when(value.isNotNull(), F.struct(*(_field(value, field, have) for field in want.fields)))
    if isinstance(have, T.ArrayType) and isinstance(want, T.ArrayType):
        of, to = have.elementType, want.elementType
        return F.transform(value, lambda element: aligned(element, of, to))
    if isinstance(have, T.MapType) and isinstance(want, T.MapType):
        of, to = have.valueType, want.valueType
        return F.transform_values(value, lambda _, inner: aligned(inner, of, to))
    return value.cast(want)


def _field(value: Column, field: T.StructField, have: T.StructType) -> Column:
    if field.name not in have.names:
        return F.lit(None).cast(field.dataType).alias(field.name)
    return aligned(value.getField(field.name), have[field.name].dataType, field.dataType).alias(field.name)


def _equal(have: T.DataType, want: T.DataType) -> bool:
    return have.simpleString() == want.simpleString()
