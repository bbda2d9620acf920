"""A contract made ready to judge: its row checks and the type checks of its columns, compiled to Spark columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.checks.check import Check, CheckResult
from headgate.columns import CONSIDERS, FAILS, FAULT, FILE_REFUSED, KEPT, REFUSED, SKIPPED, VERDICT
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.compile import Compiled, compile_check
from headgate.gate.partition_texts import partition_checks
from headgate.gate.tally import counting, read_tally, skip_columns, tally_columns

_BITS = 62  # checks that one column of bits holds


@dataclass(frozen=True)
class Gate:
    """The checks of a contract, each with its Spark columns; a check is known by its number in `checks`."""

    contract: Contract
    checks: tuple[tuple[Check, Compiled], ...]

    def refusing(self) -> dict[int, Check]:
        """The checks, by number, that refuse a row which fails."""
        return {i: check for i, (check, _) in enumerate(self.checks) if _refuses(check)}

    def warning(self) -> dict[int, Check]:
        """The other checks, by number: a row that fails is kept."""
        return {i: check for i, (check, _) in enumerate(self.checks) if not _refuses(check)}

    def metrics(self) -> list[Column]:
        """What is counted in the single pass: rows read and skipped, and per check considered and unexpected rows."""
        return [
            F.count(F.when(F.col(VERDICT) != FILE_REFUSED, 1)).alias("read"),
            F.count(F.when(F.col(VERDICT) == SKIPPED, 1)).alias("skipped"),
            F.count(F.when(F.col(VERDICT) == FILE_REFUSED, 1)).alias("files"),
            F.count(F.when(_is_judged(), 1)).alias("judged"),
            F.count(F.when(F.col(VERDICT) == KEPT, 1)).alias("kept"),
            *skip_columns(self.contract),
            *tally_columns(self._counted()),
        ]

    def results(self, observed: Mapping[str, int]) -> list[CheckResult]:
        """The result of every row check, from the observed counts."""
        return read_tally([check for check, _ in self.checks], observed, observed["judged"])

    def _counted(self) -> list[tuple[Check, Compiled]]:
        """The checks over the bits that `judged` added, for rows that were judged."""
        return [
            (check, Compiled(_is_judged() & _any_bit(CONSIDERS, [i]), _is_judged() & fails(i)))
            for i, (check, _) in enumerate(self.checks)
        ]

    def failing(self) -> list[Column]:
        """The columns of bits that say which checks fail, by the columns of a typed row."""
        return _bits({i: compiled.unexpected for i, (_, compiled) in enumerate(self.checks)}, FAILS)

    def considering(self) -> list[Column]:
        """The columns of bits that say which checks consider a row, for the checks whose count is taken."""
        counted = counting([check for check, _ in self.checks])
        return _bits({i: self.checks[i][1].considered for i in counted}, CONSIDERS)


def gate(contract: Contract) -> Gate:
    """Compile the contract's row checks; the checks that need no word of it come first: types, then partitions."""
    typed = [spec for spec in contract.columns if spec.data_type.kind != "string" or spec.derived is not None]
    type_checks = [(_type_check(spec), Compiled(F.lit(True), F.col(FAULT + spec.name))) for spec in typed]
    names = {spec.name for spec in typed}
    checks = [
        (check, _not_after_fault(check, compile_check(check, contract.types), names)) for check in contract.row_checks
    ]
    return Gate(contract, (*type_checks, *partition_checks(contract), *checks))


def fails(number: int) -> Column:
    """True when a row fails the check of this number, by the bits that `judged` adds."""
    return any_fails([number])


def any_fails(numbers: Collection[int]) -> Column:
    """True when a row fails one of these checks; never for none."""
    return _any_bit(FAILS, numbers)


def _is_judged() -> Column:
    return F.col(VERDICT).isin(KEPT, REFUSED)


def _any_bit(prefix: str, numbers: Collection[int]) -> Column:
    masks: dict[int, int] = {}
    for number in numbers:
        masks[number // _BITS] = masks.get(number // _BITS, 0) | 1 << (number % _BITS)
    found = [F.col(f"{prefix}{word}").bitwiseAND(F.lit(mask).cast("bigint")) != 0 for word, mask in masks.items()]
    return reduce(or_, found) if found else F.lit(False)


def _bits(conditions: Mapping[int, Column], prefix: str) -> list[Column]:
    """Conditions that are never null as bits, by their numbers."""
    words: dict[int, list[Column]] = {}
    for number, condition in conditions.items():
        bit = F.shiftleft(condition.cast("bigint"), number % _BITS)
        words.setdefault(number // _BITS, []).append(bit)
    return [
        reduce(lambda left, right: left.bitwiseOR(right), bits).alias(f"{prefix}{word}") for word, bits in words.items()
    ]


def _refuses(check: Check) -> bool:
    return check.otherwise == "quarantine" or (check.otherwise == "stop" and check.mostly is None)


def _type_check(spec: Spec) -> Check:
    derived = f"cannot be computed as {spec.type}: an error, or lost digits"
    reason = f"{spec.name}: {f'not a {spec.type}' if spec.derived is None else derived}"
    return Check(f"{spec.name}.type", "type", {"column": spec.name}, spec.otherwise, "row", spec.at_most, None, reason)


def _not_after_fault(check: Check, compiled: Compiled, typed: set[str]) -> Compiled:
    """Report a type fault once; skip the other checks on that value."""
    no_faults = [~F.col(FAULT + name) for name in check.columns if name in typed]
    return replace(compiled, unexpected=reduce(and_, [compiled.unexpected, *no_faults]))
