"""Judge: texts become typed values, and every row gets its verdict. Judging drops no row.

One projection types the columns and one judges them; `written_rows` then masks what is classified. The pass that
shuffles the judged rows is the only one that reads them.
"""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.columns import (
    ARRIVAL,
    AS_TEXT,
    CAME,
    DELETES,
    FAULT,
    FAULTS,
    FILE_FAULT,
    FILE_REFUSED,
    GIVEN,
    KEPT,
    OBJECT,
    RAW,
    REFUSED,
    SKIP,
    SKIP_WHEN,
    SKIPPED,
    TYPED,
    UNFIT,
    VERDICT,
)
from headgate.contract.expressions import expression_columns
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.cast import Typed, cleaned, meant, typed_scalar, typed_text, typed_value
from headgate.gate.checked import expression
from headgate.gate.compile import Compiled
from headgate.gate.derive import derive
from headgate.gate.gate import Gate, any_fails
from headgate.gate.plain import plain_value
from headgate.gate.skip import is_true, skipped
from headgate.spark.types import is_in_parts


def typed(raw: DataFrame, contract: Contract) -> DataFrame:
    """Type the contract's columns. `_came` keeps the texts as read; `_fault_<column>` marks a text of another type."""
    technical = [name for name in (OBJECT, ARRIVAL, FAULTS, RAW, FILE_FAULT, SKIP) if name in raw.columns]
    texts = F.struct(*(F.col(spec.name) for spec in contract.read_columns)).alias(CAME)
    columns = {spec.name: _typed(spec, raw, contract) for spec in _with_sentinels(contract)}
    frame = _scalars(raw, contract).select(
        *(column.value.alias(name) for name, column in columns.items()),
        *(column.fault.alias(FAULT + name) for name, column in columns.items()),
        *technical,
        texts,
    )
    for spec in contract.columns:
        if spec.derived is not None:
            frame = derive(frame, spec)
    return frame


def judged(frame: DataFrame, gate: Gate) -> DataFrame:
    """Give every row its verdict: kept, refused, skipped, or the mark of a file that is refused whole.

    The checks become bits (`gate.failing`, `gate.considering`). `_came` stays in rows of which texts may be written.
    """
    frame = _marking_deletes(frame, gate.contract)
    applying = _applying(gate)
    failing = frame.select("*", *applying.failing(), *applying.considering())
    by_reader = F.col(SKIP) if SKIP in frame.columns else F.lit(None).cast("string")
    reason = F.coalesce(by_reader, F.when(skipped(failing, gate.contract), SKIP_WHEN))
    refused = (F.size(FAULTS) > 0) | any_fails(gate.refusing())
    verdict = (
        F.when(F.col(FILE_FAULT).isNotNull(), FILE_REFUSED)
        .when(reason.isNotNull(), SKIPPED)
        .when(refused, REFUSED)
        .otherwise(KEPT)
    )
    came = F.when(refused | any_fails(gate.warning()), F.col(CAME))
    return failing.withColumns({SKIP: reason, VERDICT: verdict, CAME: came})


def _marking_deletes(frame: DataFrame, contract: Contract) -> DataFrame:
    if contract.delete_when is None:
        return frame
    return frame.withColumn(DELETES, is_true(frame, expression(contract.delete_when), contract, "delete_when"))


def _applying(gate: Gate) -> Gate:
    """The gate for rows that may delete their key: those are only judged by what finds and orders the key."""
    contract = gate.contract
    if contract.delete_when is None:
        return gate
    needed = {*contract.key, *(step.column for step in contract.ordering), *expression_columns(contract.delete_when)}
    keeps = ~F.col(DELETES)
    checks = [
        (check, compiled if needed.intersection(check.columns) else _where(compiled, keeps))
        for check, compiled in gate.checks
    ]
    return replace(gate, checks=tuple(checks))


def _where(compiled: Compiled, applies: Column) -> Compiled:
    return Compiled(compiled.considered & applies, compiled.unexpected & applies)


def _scalars(raw: DataFrame, contract: Contract) -> DataFrame:
    """Add `_typed_<column>` in a projection of its own, so that no later use types a text again."""
    texts = [(spec, text) for spec in contract.read_columns if (text := _scalar_text(spec, raw)) is not None]
    return raw.select("*", *(_scalar(spec, text, contract).alias(TYPED + spec.name) for spec, text in texts))


def _scalar(spec: Spec, text: Column, contract: Contract) -> Column:
    """The value of a text: the cheap way, and the strict way where that has none."""
    null_texts = contract.null_texts(spec)
    plain, strict = plain_value(text, spec, null_texts), typed_scalar(cleaned(text, spec, null_texts), spec)
    return strict if plain is None else F.coalesce(plain, strict)


def _with_sentinels(contract: Contract) -> list[Spec]:
    """The columns that are read, each with the sentinels that hold for it."""
    return [spec.model_copy(update={"sentinels": contract.sentinels(spec)}) for spec in contract.read_columns]


def _text(spec: Spec, raw: DataFrame) -> Column | None:
    """The text that is to be typed; None for a column of values."""
    kind = raw.schema[spec.name].dataType
    if is_in_parts(kind):
        return F.col(f"{spec.name}.{AS_TEXT}")
    return F.col(spec.name) if isinstance(kind, T.StringType) else None


def _scalar_text(spec: Spec, raw: DataFrame) -> Column | None:
    return None if spec.nested else _text(spec, raw)


def _typed(spec: Spec, raw: DataFrame, contract: Contract) -> Typed:
    text = _text(spec, raw)
    if text is None and spec.map:  # its texts stand for what came as text, also where a file has values
        text = F.col(spec.name).cast("string")
        return typed_text(text, spec, contract.null_texts(spec))
    if text is None:
        return typed_value(F.col(spec.name), spec)
    if spec.nested:
        typed = typed_text(text, spec, contract.null_texts(spec))
    else:
        typed = meant(cleaned(text, spec, contract.null_texts(spec)), F.col(TYPED + spec.name), spec)
    if not is_in_parts(raw.schema[spec.name].dataType):
        return typed
    value = typed_value(F.col(f"{spec.name}.{GIVEN}"), spec)
    unfit = F.col(f"{spec.name}.{UNFIT}").isNotNull()
    return Typed(F.coalesce(value.value, typed.value), value.fault | typed.fault | unfit)
