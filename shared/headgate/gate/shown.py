"""Values as the texts that quarantine and reports show; no byte of them is not UTF-8."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import AS_TEXT, CAME, GIVEN, UNFIT
from headgate.contract.model import Column as Spec
from headgate.spark.types import is_in_parts, is_nested, spark_type


def shown(value: Column, kind: T.DataType) -> Column:
    """The text of a value; bytes that are not text are shown as base64."""
    if is_nested(kind) and "binary" in kind.simpleString():
        return F.to_json(value)
    return readable(value) if isinstance(kind, T.BinaryType) else value.cast("string")


def readable(value: Column) -> Column:
    """Bytes as the text that they are, else as base64."""
    text = F.decode(value, "UTF-8")
    return F.when(text.cast("binary") == value, text).otherwise(F.base64(value))


def text_as_read(spec: Spec, came: T.StructType) -> Column:
    """The text of a value as it was read; `came` is the type of the column `CAME`."""
    kind, value = came[spec.name].dataType, F.col(f"{CAME}.{spec.name}")
    if not is_in_parts(kind):
        return shown(value, kind)
    given = shown(value.getField(GIVEN), spark_type(spec.data_type))
    return F.coalesce(value.getField(AS_TEXT), value.getField(UNFIT), given)
