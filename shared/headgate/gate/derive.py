"""Derived columns: Spark SQL over columns above. An expression that fails, or loses digits, is a fault of its row."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import FAULT
from headgate.contract.model import Column as Spec
from headgate.contract.types import INTEGERS
from headgate.gate.cast import Typed, typed_value
from headgate.gate.checked import checked, expression, tried
from headgate.spark.types import spark_type

_TOO_GREAT = 2.0**63  # the first double that no bigint holds; Spark would take the greatest bigint


def derive(frame: DataFrame, spec: Spec) -> DataFrame:
    """Add a derived column and its fault: the expression fails, or its value is not of the declared type."""
    value = checked(frame, expression(spec.derived or "null"))
    came = frame.select(value.alias("value")).schema["value"].dataType
    attempt = tried(value)
    result = _declared(attempt.getField("value"), came, spec)
    fault = attempt.isNull() | F.coalesce(result.fault, F.lit(False))
    return frame.select("*", F.when(~fault, result.value).alias(spec.name), fault.alias(FAULT + spec.name))


def _declared(value: Column, came: T.DataType, spec: Spec) -> Typed:
    """The value in the declared type; a value that would change on the way is a fault."""
    typed = typed_value(value, spec)
    return Typed(typed.value, F.coalesce(typed.fault, F.lit(False)) | _changes(value, came, spec))


def _changes(value: Column, came: T.DataType, spec: Spec) -> Column:
    """True where a number would become another one."""
    declared = spark_type(spec.data_type)
    if came != declared and isinstance(came, T.NumericType) and (spec.data_type.kind in INTEGERS or _is_exact(spec)):
        same = (value.cast(declared).cast(came) == value) & _in_range(value, came)
        return value.isNotNull() & ~F.coalesce(same, F.lit(False))
    return F.lit(False)


def _is_exact(spec: Spec) -> bool:
    return spec.data_type.kind == "decimal" and not spec.round


def _in_range(value: Column, came: T.DataType) -> Column:
    return F.abs(value) < _TOO_GREAT if isinstance(came, T.FloatType | T.DoubleType) else F.lit(True)
