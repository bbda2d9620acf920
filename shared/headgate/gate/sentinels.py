"""Sentinels: values that mean that there is none, such as `-999` or `9999-12-31`, compared as values."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.contract.model import Column as Spec
from headgate.contract.types import FLOATS, INTEGERS
from headgate.spark.types import spark_type

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WRITTEN = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z"


def is_sentinel(value: Column, spec: Spec, as_read: Callable[[str], Column]) -> Column | None:
    """True where the typed value is one of the column's sentinels; None when it has none.

    `as_read` types a text as the column's files would have it; numbers are taken as the contract spells them.
    """
    values = _values(spec, as_read)
    return F.coalesce(reduce(or_, [value.eqNullSafe(each) for each in values]), F.lit(False)) if values else None


def is_sentinel_text(text: Column, spec: Spec) -> Column | None:
    """True where a text that is not a value of the column's type equals a number among its sentinels.

    `-999.0` in an `int` column is `-999`, even though `66.0` is not an `int`.
    """
    numbers = [number for sentinel in spec.sentinels if (number := _number(sentinel)) is not None]
    if not numbers or not _is_number(spec):
        return None
    number = F.when(text.rlike(_WRITTEN), text.cast("double"))
    return F.coalesce(number.isin(*(float(each) for each in numbers)), F.lit(False))


def _values(spec: Spec, as_read: Callable[[str], Column]) -> list[Column]:
    values = [as_read(sentinel) for sentinel in spec.sentinels if isinstance(sentinel, str)]
    if spec.data_type.kind == "date":
        values += [F.lit(str(day)).cast("date") for day in spec.sentinels if _ISO_DATE.fullmatch(str(day))]
    if _is_number(spec):
        numbers = [number for sentinel in spec.sentinels if (number := _number(sentinel)) is not None]
        values += [_as_value(number, spec) for number in numbers]
    return values


def _as_value(number: Decimal, spec: Spec) -> Column:
    """The number in the column's type; null where that type does not have it."""
    kind = spark_type(spec.data_type)
    if spec.data_type.kind in FLOATS:
        return F.lit(float(number)).cast(kind)
    exact = F.lit(f"{number:f}").cast("decimal(38,10)")
    return F.when(exact.cast(kind) == exact, exact.cast(kind))


def _is_number(spec: Spec) -> bool:
    return spec.data_type.kind in (*INTEGERS, *FLOATS, "decimal")


def _number(sentinel: int | float | str) -> Decimal | None:
    return Decimal(str(sentinel)) if _NUMBER.fullmatch(str(sentinel)) else None
