"""Read a group of Parquet files that share one schema: types that fit stay, other values come in parts."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import AS_TEXT, FAULTS, FILE_FAULT, GIVEN, RAW, SKIP, UNFIT
from headgate.contract.types import ArrayType, DataType, DecimalType, MapType, ScalarType, StructType
from headgate.lake.uris import read_path
from headgate.read.file_format import FileFormat, file_name
from headgate.read.layout import Group
from headgate.read.parquet_copy import copied_parquet
from headgate.read.parquet_look import ParquetLayout, parquet_looker, read_parquet
from headgate.read.parquet_shape import NOTHING, STORED_AS, kinds
from headgate.read.parquet_texts import not_text, published_text, text_of
from headgate.read.parquet_values import by_text, given
from headgate.spark.types import is_in_parts, spark_type

if TYPE_CHECKING:
    from headgate.contract.model import Column as Spec
    from headgate.contract.model import Contract

_DIGITS = {T.ByteType: 3, T.ShortType: 5, T.IntegerType: 10, T.LongType: 19}
_EXACT_IN = {T.FloatType: 7, T.DoubleType: 15}  # decimal digits that every number keeps


def parquet_frame(spark: SparkSession, contract: Contract, group: Group[ParquetLayout]) -> DataFrame:
    """The group's rows: the columns under their published names, then the reader's columns.

    Spark gets the types of these columns, and looks at no other.
    """
    layout = group.layout
    read = [
        (spec, layout.names[place], shape)
        for spec, place, shape in zip(contract.read_columns, layout.places, layout.shapes, strict=True)
        if place is not None and shape is not None
    ]
    schema = T.StructType([T.StructField(name, spark_type(_stored(shape))) for _, name, shape in read])
    raw = spark.read.schema(schema).options(**_options(layout)).parquet(*(read_path(f.read_uri) for f in group.files))
    values = {spec.name: _carried(F.col(_quoted(name)), shape, spec, contract) for spec, name, shape in read}
    nothing = {spec.name: F.lit(None).cast(spark_type(spec.data_type)) for spec in contract.read_columns}
    return raw.select(
        *(column.alias(name) for name, column in {**nothing, **values}.items()),
        _faults(read).alias(FAULTS),
        *(F.lit(None).cast("string").alias(name) for name in (RAW, FILE_FAULT, SKIP)),
        file_name(),
    )


def with_equal_types(frames: list[DataFrame], contract: Contract) -> list[DataFrame]:
    """Give each column one type in all frames: the declared one where every frame's type fits it, else both parts."""
    for spec in contract.read_columns:
        declared = spark_type(spec.data_type)
        types = [frame.schema[spec.name].dataType for frame in frames]
        if len({kind.simpleString() for kind in types}) > 1:
            fit = all(fits(kind, declared) for kind in types)
            frames = [_retyped(frame, spec.name, declared, in_parts=not fit) for frame in frames]
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


def _options(layout: ParquetLayout) -> dict[str, str]:
    """Files of old Spark versions say themselves which calendar they follow, and Spark heeds it."""
    calendar = "LEGACY" if layout.old_calendar else "CORRECTED"
    return {
        "datetimeRebaseMode": calendar,
        "int96RebaseMode": calendar,
        "parquet.page.verify-checksum.enabled": "true",
    }


def _stored(shape: DataType) -> DataType:
    """The type under which Spark reads a column."""
    if isinstance(shape, ArrayType):
        return ArrayType(_stored(shape.element))
    if isinstance(shape, MapType):
        return MapType(_stored(shape.key), _stored(shape.value))
    if isinstance(shape, StructType):
        return StructType(tuple((name, _stored(field)) for name, field in shape.fields))
    return shape if isinstance(shape, DecimalType) else ScalarType(STORED_AS.get(shape.kind, shape.kind))


def _carried(value: Column, have: DataType, spec: Spec, contract: Contract) -> Column:
    """The column as the gate takes it: a value of a type that fits, a text, or both parts."""
    want = spec.data_type
    if have.kind == NOTHING:
        return F.lit(None).cast(spark_type(want))
    if want.kind == "string":
        return published_text(value, have)
    if spec.map and spec.decimal == "." and not spec.thousands:
        return text_of(value, have)
    as_stored = not kinds(have) & set(STORED_AS)
    if as_stored and fits(spark_type(have), spark_type(want)):
        return _readable(value, have, spec)
    text, way = text_of(value, have), given(have, want, spec)
    if way is None and by_text(have, want, spec):
        return text
    nothing = F.lit(None).cast(spark_type(want))
    kept = way(value) if way else nothing
    missing = [word for word in contract.null_texts(spec) if word]
    if missing and not spec.nested:
        kept, text = (F.when(~text.isin(*missing), part) for part in (kept, text))
    return _in_parts(given=kept, unfit=F.when(kept.isNull(), text))


def _readable(value: Column, have: DataType, spec: Spec) -> Column:
    """A nested value with texts inside; where they are not UTF-8, its row is refused and the value left out."""
    bad = not_text(value, have) if spec.nested else None
    return value if bad is None else F.when(~bad, value)


def _in_parts(*, given: Column, as_text: Column | None = None, unfit: Column | None = None) -> Column:
    nothing = F.lit(None).cast("string")
    text, other = (nothing if part is None else part for part in (as_text, unfit))
    return F.struct(given.alias(GIVEN), text.alias(AS_TEXT), other.alias(UNFIT))


def _faults(read: list[tuple[Spec, str, DataType]]) -> Column:
    none = F.array().cast("array<string>")
    bad = {
        spec.name: found
        for spec, name, shape in read
        if "binary" not in kinds(spec.data_type) and (found := not_text(F.col(_quoted(name)), shape)) is not None
    }
    if not bad:
        return none
    faults = (F.when(found, F.lit(f"{name}: bytes that are not utf-8")) for name, found in bad.items())
    return F.when(reduce(or_, bad.values()), F.array_compact(F.array(*faults))).otherwise(none)


def _retyped(frame: DataFrame, name: str, declared: T.DataType, *, in_parts: bool) -> DataFrame:
    value, kind = F.col(name), frame.schema[name].dataType
    if not in_parts:
        return frame.withColumn(name, value.cast(declared))
    if is_in_parts(kind):
        return frame
    if isinstance(kind, T.StringType):
        return frame.withColumn(name, _in_parts(given=F.lit(None).cast(declared), as_text=value))
    return frame.withColumn(name, _in_parts(given=value.cast(declared)))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


FORMAT = FileFormat(parquet_looker, parquet_frame, with_equal_types, read_parquet, copied_parquet)
