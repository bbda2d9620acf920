"""Judge: texts become typed values, and every row gets its verdict. Judging drops no row.

One projection types the columns and one judges them; `written_rows` then masks what is classified. The job that writes
the rows is the only one that reads them.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import (
    ARRIVAL,
    BARE,
    CAME,
    FAILS,
    FAULT,
    FAULTS,
    FILE_FAULT,
    FILE_REFUSED,
    KEPT,
    OBJECT,
    RAW,
    REFUSED,
    SKIPPED,
    TYPED,
    VERDICT,
)
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.cast import Typed, cleaned, meant, typed_scalar, typed_text, typed_value
from headgate.gate.gate import Gate, fails


def typed(raw: DataFrame, contract: Contract) -> DataFrame:
    """Type the contract's columns. `_came` keeps the texts as read; `_fault_<column>` marks a text of another type."""
    technical = [name for name in (OBJECT, ARRIVAL, FAULTS, RAW, FILE_FAULT) if name in raw.columns]
    texts = F.struct(*(F.col(spec.name) for spec in contract.read_columns)).alias(CAME)
    columns = {spec.name: _typed(spec, raw, contract) for spec in contract.read_columns}
    frame = _scalars(raw, contract).select(
        *(column.value.alias(name) for name, column in columns.items()),
        *(column.fault.alias(FAULT + name) for name, column in columns.items()),
        *technical,
        texts,
    )
    for spec in contract.columns:
        if spec.derived is not None:
            frame = _derive(frame, spec)
    return frame


def judged(frame: DataFrame, gate: Gate) -> DataFrame:
    """Give every row its verdict: kept, refused, skipped, or the mark of a file that is refused whole."""
    failing = frame.select(
        "*",
        *(compiled.unexpected.alias(f"{FAILS}{i}") for i, (_, compiled) in enumerate(gate.checks)),
        *(compiled.considered.alias(f"{FAILS}c{i}") for i, (_, compiled) in enumerate(gate.checks)),
    )
    refused = reduce(or_, [F.size(FAULTS) > 0, *(fails(i) for i in gate.refusing())])
    skip_when = gate.contract.skip_when
    skip = F.coalesce(F.expr(skip_when), F.lit(False)) if skip_when else F.lit(False)
    verdict = (
        F.when(F.col(FILE_FAULT).isNotNull(), FILE_REFUSED)
        .when(skip & (F.size(FAULTS) == 0), SKIPPED)
        .when(refused, REFUSED)
        .otherwise(KEPT)
    )
    return failing.withColumn(VERDICT, verdict)


def _scalars(raw: DataFrame, contract: Contract) -> DataFrame:
    """Add `_bare_<column>` and `_typed_<column>`, in a projection each.

    In one projection Spark would trim and match every text again for the value, for the fault, and for every use.
    """
    texts = [spec for spec in contract.read_columns if _is_scalar_text(spec, raw)]
    bare = [cleaned(F.col(spec.name), spec, contract.null_texts(spec)).alias(BARE + spec.name) for spec in texts]
    values = [typed_scalar(F.col(BARE + spec.name), spec).alias(TYPED + spec.name) for spec in texts]
    return raw.select("*", *bare).select("*", *values)


def _is_scalar_text(spec: Spec, raw: DataFrame) -> bool:
    return isinstance(raw.schema[spec.name].dataType, T.StringType) and not spec.nested


def _typed(spec: Spec, raw: DataFrame, contract: Contract) -> Typed:
    if _is_scalar_text(spec, raw):
        return meant(F.col(BARE + spec.name), F.col(TYPED + spec.name), spec)
    if isinstance(raw.schema[spec.name].dataType, T.StringType):
        return typed_text(F.col(spec.name), spec, contract.null_texts(spec))
    return typed_value(F.col(spec.name), spec)


def _derive(frame: DataFrame, spec: Spec) -> DataFrame:
    """Add a derived column. Null by error counts as null; a value of another type is a fault."""
    derived = typed_value(F.expr(spec.derived or "null"), spec)
    fault = F.coalesce(derived.fault, F.lit(False))
    return frame.select("*", derived.value.alias(spec.name), fault.alias(FAULT + spec.name))
