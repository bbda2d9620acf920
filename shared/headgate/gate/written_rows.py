"""What is written of a judged row: its published columns, masked, and why it was refused, with its texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate import columns
from headgate.columns import (
    CAME,
    DELETES,
    FAULTS,
    FILE_FAULT,
    FILE_REFUSED,
    LINE,
    RAW,
    REASONS,
    RECORD,
    REFUSED,
    VALUES,
    VERDICT,
    WARNINGS,
)
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.gate import Gate, any_fails, fails
from headgate.gate.hints import hints
from headgate.gate.mask import REDACTED, Keys, key_of, keyed_hash, masked
from headgate.gate.shown import text_as_read

Texts = Sequence[tuple[Spec, Column]]  # the columns that are read, each with its text


def written(frame: DataFrame, gate: Gate, keys: Keys, run: str) -> DataFrame:
    """The published columns, masked; for refused rows also reasons, texts and the record's hash; and the verdict.

    With a key also the row's place: Spark numbers the rows of a partition in the order of the file, and gives a file's
    later parts to later partitions, so the numbers rise within a file.
    """
    contract = gate.contract
    came = cast(T.StructType, frame.select(CAME).schema[0].dataType)
    texts = [(spec, text_as_read(spec, came)) for spec in contract.read_columns]
    return frame.select(
        *(_published(spec, keys).alias(spec.name) for spec in contract.published),
        *(column.value(F, run).alias(column.name) for column in columns.TECHNICAL),
        _reasons(gate, texts).alias(REASONS),
        _warnings(gate).alias(WARNINGS),
        _values(gate, keys, texts).alias(VALUES),
        _record(contract, keys, texts).alias(RECORD),
        *([F.monotonically_increasing_id().alias(LINE)] if contract.key else []),
        *([F.col(DELETES)] if contract.delete_when else []),
        VERDICT,
    )


def _published(spec: Spec, keys: Keys) -> Column:
    value = masked(F.col(spec.name), spec, keys)
    return value if spec.published_type == spec.data_type.ddl else value.cast(spec.published_type)


def _reasons(gate: Gate, texts: Texts) -> Column:
    """Why a row was refused: the reader's faults, then the reason of each check that it fails, in the checks' order.

    Last comes what would take texts that are not of their type; rows that the reader could not parse have none of that.
    """
    failed = [F.when(fails(i), check.reason) for i, check in gate.refusing().items()]
    reasons = F.concat(F.col(FAULTS), F.array_compact(F.array(*failed))) if failed else F.col(FAULTS)
    if any(check.expect == "type" for check in gate.refusing().values()):
        by_name = {spec.name: text for spec, text in texts}
        reasons = F.when(F.size(FAULTS) == 0, F.concat(reasons, hints(gate, by_name))).otherwise(reasons)
    return F.when(F.col(VERDICT) == REFUSED, reasons).when(F.col(VERDICT) == FILE_REFUSED, F.array(FILE_FAULT))


def _warnings(gate: Gate) -> Column:
    """The ids of the checks that a row fails and that only warn."""
    warning = gate.warning()
    if not warning:
        return F.lit(None).cast("array<string>")
    failed = F.array_compact(F.array(*(F.when(fails(i), check.id) for i, check in warning.items())))
    return F.when(any_fails(warning), failed)


def _values(gate: Gate, keys: Keys, texts: Texts) -> Column:
    """Source name to text as read, of refused rows and of rows with a warning.

    When a column is classified, values that failed and all values of shifted rows are hidden.
    """
    contract = gate.contract
    pairs: list[Column] = []
    for spec, text in texts:
        pairs += [F.lit(spec.source_name), _hidden(text, spec, gate, keys) if contract.classified else text]
    raw = F.when(F.size(FAULTS) > 0, F.lit(REDACTED) if contract.classified else F.col(RAW))
    values = F.map_filter(F.create_map(*pairs, F.lit(RAW), raw), lambda _, text: text.isNotNull())
    return F.when((F.col(VERDICT) == REFUSED) | any_fails(gate.warning()), values)


def _hidden(text: Column, spec: Spec, gate: Gate, keys: Keys) -> Column:
    about = [i for i, (check, _) in enumerate(gate.checks) if spec.name in check.columns]
    hide = (F.size(FAULTS) > 0) | any_fails(about)
    if spec.classification is None:
        return F.when(~hide, text).when(text.isNotNull(), REDACTED)
    as_masked = spec.model_copy(update={"type": "string"})
    return F.when(~hide, masked(text, as_masked, keys)).when(text.isNotNull(), REDACTED)


def _record(contract: Contract, keys: Keys, texts: Texts) -> Column:
    """SHA-256 over all texts as read, of refused rows.

    Keyed when a column is classified: a hash without a key could be found by trying likely values.
    """
    present = (F.coalesce(text, F.lit("\x00")) for _, text in texts)
    whole = F.concat_ws("\x1f", *present, F.coalesce(F.col(RAW), F.lit("")))
    if contract.classified:
        domain = contract.classified[0].classification or ""
        hashed = keyed_hash(F.when(F.col(VERDICT) == REFUSED, whole), key_of(keys, domain))
    else:
        hashed = F.sha2(whole, 256)
    return F.when(F.col(VERDICT) == REFUSED, hashed)
