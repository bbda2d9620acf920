"""The gate: texts become typed values, every row is judged, and each refused row keeps its reasons and its texts.

Judging drops nothing. One projection types the columns, one judges them, one masks what is classified; the job that
writes the rows is the only one that reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from headgate.checks.check import Check, CheckResult
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
    REASONS,
    RECORD,
    REFUSED,
    RUN,
    SKIPPED,
    TYPED,
    VALUES,
    VERDICT,
    WARNINGS,
)
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.cast import Typed, cleaned, meant, typed_scalar, typed_text, typed_value
from headgate.gate.compile import Compiled, compile_check
from headgate.gate.mask import REDACTED, Keys, key_of, keyed_hash, masked
from headgate.gate.tally import read_tally, tally_columns


@dataclass(frozen=True)
class Gate:
    """A contract made ready to judge: its checks, the type checks of its columns included, compiled to columns."""

    contract: Contract
    checks: tuple[tuple[Check, Compiled], ...]

    @property
    def stops(self) -> tuple[int, ...]:
        """The checks of which one failing row closes the gate."""
        return tuple(
            i for i, (check, _) in enumerate(self.checks) if check.otherwise == "stop" and check.mostly is None
        )

    def metrics(self) -> list[Column]:
        """What the single pass observes: rows read and skipped, and per check considered and unexpected rows."""
        judged = F.col(VERDICT).isin(KEPT, REFUSED)
        return [
            F.count(F.when(F.col(VERDICT) != FILE_REFUSED, 1)).alias("read"),
            F.count(F.when(F.col(VERDICT) == SKIPPED, 1)).alias("skipped"),
            F.count(F.when(F.col(VERDICT) == FILE_REFUSED, 1)).alias("files"),
            F.count(F.when(judged, 1)).alias("judged"),
            *tally_columns(self._as_judged()),
        ]

    def results(self, observed: Mapping[str, int]) -> list[CheckResult]:
        """What came of every row check."""
        return read_tally([check for check, _ in self.checks], observed, observed["judged"])

    def _as_judged(self) -> list[tuple[Check, Compiled]]:
        judged = F.col(VERDICT).isin(KEPT, REFUSED)
        return [
            (
                check,
                replace(compiled, considered=judged & F.col(f"{FAILS}c{i}"), unexpected=judged & F.col(f"{FAILS}{i}")),
            )
            for i, (check, compiled) in enumerate(self.checks)
        ]


def gate(contract: Contract) -> Gate:
    """Compile the contract's row checks; type checks come first, in column order."""
    typed = [(_type_check(spec), Compiled(F.lit(True), F.col(FAULT + spec.name))) for spec in _typed_columns(contract)]
    checks = [
        (check, _not_after_fault(check, compile_check(check, contract.types), contract))
        for check in contract.row_checks
    ]
    return Gate(contract, (*typed, *checks))


def typed(raw: DataFrame, contract: Contract) -> DataFrame:
    """Type the contract's columns. What came is kept in `_came`; `_fault_<column>` says it was no such value."""
    technical = [name for name in (OBJECT, ARRIVAL, FAULTS, RAW, FILE_FAULT) if name in raw.columns]
    came = F.struct(*(F.col(spec.name) for spec in contract.read_columns)).alias(CAME)
    read = {spec.name: _typed(spec, raw, contract) for spec in contract.read_columns}
    frame = _scalars(raw, contract).select(
        *(one.value.alias(name) for name, one in read.items()),
        *(one.fault.alias(FAULT + name) for name, one in read.items()),
        *technical,
        came,
    )
    for spec in contract.columns:
        if spec.derived is not None:
            frame = _derive(frame, spec)
    return frame


def _scalars(raw: DataFrame, contract: Contract) -> DataFrame:
    """Add `_bare_<column>` and `_typed_<column>`: a projection each, or Spark would trim and match every text again
    for the value, for the fault, and for whatever asks for either."""
    texts = [spec for spec in contract.read_columns if _is_scalar_text(spec, raw)]
    bare = [cleaned(F.col(s.name), s, contract.null_texts(s)).alias(BARE + s.name) for s in texts]
    values = [typed_scalar(F.col(BARE + s.name), s).alias(TYPED + s.name) for s in texts]
    return raw.select("*", *bare).select("*", *values)


def judged(frame: DataFrame, g: Gate) -> DataFrame:
    """Give every row its verdict: kept, refused (with reasons), skipped, or the mark of a file refused whole."""
    conditions = [F.col(f"{FAILS}{i}") for i in range(len(g.checks))]
    failing = frame.select(
        "*",
        *(compiled.unexpected.alias(f"{FAILS}{i}") for i, (_, compiled) in enumerate(g.checks)),
        *(compiled.considered.alias(f"{FAILS}c{i}") for i, (_, compiled) in enumerate(g.checks)),
    )
    refusing = [c for c, (check, _) in zip(conditions, g.checks, strict=True) if _refuses(check)]
    refused = _any([F.size(FAULTS) > 0, *refusing])
    skip = F.coalesce(F.expr(g.contract.skip_when), F.lit(False)) if g.contract.skip_when else F.lit(False)
    verdict = (
        F.when(F.col(FILE_FAULT).isNotNull(), FILE_REFUSED)
        .when(skip & (F.size(FAULTS) == 0), SKIPPED)
        .when(refused, REFUSED)
        .otherwise(KEPT)
    )
    return failing.withColumn(VERDICT, verdict)


def written(frame: DataFrame, g: Gate, keys: Keys, run: str) -> DataFrame:
    """What is written aside: published columns, masked, and for refused rows reasons, texts and the record's hash."""
    contract = g.contract
    return frame.select(
        *(_published(spec, keys).alias(spec.name) for spec in contract.columns),
        OBJECT,
        ARRIVAL,
        F.lit(run).alias(RUN),
        _reasons(g).alias(REASONS),
        _warnings(g).alias(WARNINGS),
        _values(g, keys).alias(VALUES),
        _record(contract, keys).alias(RECORD),
        VERDICT,
    )


def _published(spec: Spec, keys: Keys) -> Column:
    value = masked(F.col(spec.name), spec, keys)
    return value if spec.published_type == spec.data_type.ddl else value.cast(spec.published_type)


def _typed_columns(contract: Contract) -> list[Spec]:
    return [spec for spec in contract.columns if spec.data_type.kind != "string"]


def _type_check(spec: Spec) -> Check:
    reason = f"{spec.name}: not a {spec.type}"
    return Check(f"{spec.name}.type", "type", {"column": spec.name}, spec.otherwise, "row", spec.at_most, None, reason)


def _not_after_fault(check: Check, compiled: Compiled, contract: Contract) -> Compiled:
    """A value that is not of its type is told so once: what it would mean as null is not judged."""
    typed = {spec.name for spec in _typed_columns(contract)}
    faults = [~F.col(FAULT + name) for name in check.columns if name in typed]
    return replace(compiled, unexpected=_all([compiled.unexpected, *faults]))


def _is_scalar_text(spec: Spec, raw: DataFrame) -> bool:
    return isinstance(raw.schema[spec.name].dataType, T.StringType) and not spec.nested


def _typed(spec: Spec, raw: DataFrame, contract: Contract) -> Typed:
    if _is_scalar_text(spec, raw):
        return meant(F.col(BARE + spec.name), F.col(TYPED + spec.name), spec)
    came = F.col(spec.name)
    if isinstance(raw.schema[spec.name].dataType, T.StringType):
        return typed_text(came, spec, contract.null_texts(spec))
    return typed_value(came, spec)


def _derive(frame: DataFrame, spec: Spec) -> DataFrame:
    """Null by error counts as null; a derived value of another type is a fault."""
    made = typed_value(F.expr(spec.derived or "null"), spec)
    return frame.select("*", made.value.alias(spec.name), F.coalesce(made.fault, F.lit(False)).alias(FAULT + spec.name))


def _refuses(check: Check) -> bool:
    return check.otherwise == "quarantine" or (check.otherwise == "stop" and check.mostly is None)


def _reasons(g: Gate) -> Column:
    told = [F.when(F.col(f"{FAILS}{i}"), check.reason) for i, (check, _) in enumerate(g.checks) if _refuses(check)]
    every = F.concat(F.col(FAULTS), F.array_compact(F.array(*told))) if told else F.col(FAULTS)
    return F.when(F.col(VERDICT) == REFUSED, every).when(F.col(VERDICT) == FILE_REFUSED, F.array(FILE_FAULT))


def _warnings(g: Gate) -> Column:
    warned = [(i, check) for i, (check, _) in enumerate(g.checks) if not _refuses(check)]
    if not warned:
        return F.lit(None).cast("array<string>")
    failed = F.array_compact(F.array(*(F.when(F.col(f"{FAILS}{i}"), check.id) for i, check in warned)))
    return F.when(_any([F.col(f"{FAILS}{i}") for i, _ in warned]), failed)


def _values(g: Gate, keys: Keys) -> Column:
    """Source name to text as it came, of refused rows and of those with a warning.

    With a classified column, values that failed and shifted rows are hidden.
    """
    contract = g.contract
    pairs: list[Column] = []
    for spec in contract.read_columns:
        text = _as_text(F.col(f"{CAME}.{spec.name}"), spec)
        pairs += [F.lit(spec.source_name), _hidden(text, spec, g, keys) if contract.classified else text]
    raw = F.when(F.size(FAULTS) > 0, F.lit(REDACTED) if contract.classified else F.col(RAW))
    values = F.map_filter(F.create_map(*pairs, F.lit(RAW), raw), lambda _, text: text.isNotNull())
    warned = [F.col(f"{FAILS}{i}") for i, (check, _) in enumerate(g.checks) if not _refuses(check)]
    return F.when(_any([F.col(VERDICT) == REFUSED, *warned]), values)


def _hidden(text: Column, spec: Spec, g: Gate, keys: Keys) -> Column:
    failed = [F.col(f"{FAILS}{i}") for i, (check, _) in enumerate(g.checks) if spec.name in check.columns]
    hide = _any([F.size(FAULTS) > 0, *failed])
    if spec.classification is None:
        return F.when(~hide, text).when(text.isNotNull(), REDACTED)
    as_masked = spec.model_copy(update={"type": "string"})
    return F.when(~hide, masked(text, as_masked, keys)).when(text.isNotNull(), REDACTED)


def _record(contract: Contract, keys: Keys) -> Column:
    """SHA-256 over all values as they came; keyed where a column is classified, or the hash would be a dictionary."""
    texts = [F.coalesce(_as_text(F.col(f"{CAME}.{spec.name}"), spec), F.lit("\x00")) for spec in contract.read_columns]
    whole = F.concat_ws("\x1f", *texts, F.coalesce(F.col(RAW), F.lit("")))
    if contract.classified:
        domain = contract.classified[0].classification or ""
        hashed = keyed_hash(F.when(F.col(VERDICT) == REFUSED, whole), key_of(keys, domain))
    else:
        hashed = F.sha2(whole, 256)
    return F.when(F.col(VERDICT) == REFUSED, hashed)


def _as_text(came: Column, spec: Spec) -> Column:
    return came.cast(T.StringType())


def _any(conditions: Sequence[Column]) -> Column:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first


def _all(conditions: Sequence[Column]) -> Column:
    first, *rest = conditions
    for condition in rest:
        first = first & condition
    return first
