"""Read a group of Parquet files that share one schema: types that fit the declared ones stay, others become text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.lake.uris import read_path
from headgate.read.file_format import file_name, without_faults
from headgate.read.layout import Group
from headgate.read.parquet_look import ParquetLayout
from headgate.spark.types import is_nested, spark_type

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_DIGITS = {T.ByteType: 3, T.ShortType: 5, T.IntegerType: 10, T.LongType: 19}
_EXACT_IN = {T.FloatType: 7, T.DoubleType: 15}  # decimal digits that every number keeps


def parquet_frame(spark: SparkSession, contract: Contract, group: Group[ParquetLayout]) -> DataFrame:
    """The group's rows: the columns under their published names, then the reader's columns (no record has faults)."""
    raw = spark.read.option("mergeSchema", False)
    raw = raw.parquet(*(read_path(f.read_uri) for f in group.files))
    columns = []
    for column, place in zip(contract.read_columns, group.layout.places, strict=True):
        declared = spark_type(column.data_type)
        if place is None:
            value = F.lit(None).cast(declared)
        else:
            name = group.layout.names[place]
            value = _kept(F.col(_quoted(name)), raw.schema[name].dataType, declared)
        columns.append(value.alias(column.name))
    return raw.select(
        *columns,
        *without_faults(),
        file_name(),
    )


def with_equal_types(frames: list[DataFrame], contract: Contract) -> list[DataFrame]:
    """Give each column one type in all frames: the declared one where every frame's type fits it, text otherwise."""
    for column in contract.read_columns:
        types = [frame.schema[column.name].dataType for frame in frames]
        if len({kind.simpleString() for kind in types}) > 1:
            declared = spark_type(column.data_type)
            fit = all(fits(kind, declared) for kind in types)
            frames = [_retyped(frame, column.name, declared if fit else None) for frame in frames]
    return frames


def fits(have: T.DataType, want: T.DataType) -> bool:
    """True where every value of the type `have` is also a value of the type `want`: nothing is lost or guessed."""
    if isinstance(have, T.StructType) and isinstance(want, T.StructType):
        return have.names == want.names and all(fits(h.dataType, w.dataType) for h, w in zip(have, want, strict=True))
    if isinstance(have, T.ArrayType) and isinstance(want, T.ArrayType):
        return fits(have.elementType, want.elementType)
    if isinstance(have, T.MapType) and isinstance(want, T.MapType):
        return fits(have.keyType, want.keyType) and fits(have.valueType, want.valueType)
    return (type(have) is type(want) and not isinstance(have, T.DecimalType)) or _narrower(have, want)


def _narrower(have: T.DataType, want: T.DataType) -> bool:
    digits = _DIGITS.get(type(have))  # type: ignore[arg-type]
    if isinstance(have, T.DecimalType) and isinstance(want, T.DecimalType):
        return want.scale >= have.scale and want.precision - want.scale >= have.precision - have.scale
    if isinstance(have, T.FloatType):
        return isinstance(want, T.DoubleType)
    if digits is None:
        return False
    if isinstance(want, T.DecimalType):
        return want.precision - want.scale >= digits
    widest = _DIGITS.get(type(want)) or _EXACT_IN.get(type(want), 0)  # type: ignore[arg-type]
    return digits <= widest


def _kept(value: Column, have: T.DataType, want: T.DataType) -> Column:
    return value if fits(have, want) else _as_text(value, have)


def _as_text(value: Column, have: T.DataType) -> Column:
    return F.to_json(value) if is_nested(have) else value.cast("string")


def _retyped(frame: DataFrame, name: str, kind: T.DataType | None) -> DataFrame:
    value = F.col(name)
    return frame.withColumn(name, _as_text(value, frame.schema[name].dataType) if kind is None else value.cast(kind))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
