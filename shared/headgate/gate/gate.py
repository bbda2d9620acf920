"""A contract made ready to judge: its row checks and the type checks of its columns, compiled to Spark columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.checks.check import Check, CheckResult
from headgate.columns import FAILS, FAULT, FILE_REFUSED, KEPT, REFUSED, SKIPPED, VERDICT
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.compile import Compiled, compile_check
from headgate.gate.tally import read_tally, tally_columns


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
            *tally_columns(self._counted()),
        ]

    def results(self, observed: Mapping[str, int]) -> list[CheckResult]:
        """The result of every row check, from the observed counts."""
        return read_tally([check for check, _ in self.checks], observed, observed["judged"])

    def _counted(self) -> list[tuple[Check, Compiled]]:
        """The checks over the columns that `judged` added, for rows that were judged (not skipped, not of a file)."""
        return [
            (check, replace(compiled, considered=_is_judged() & considered(i), unexpected=_is_judged() & fails(i)))
            for i, (check, compiled) in enumerate(self.checks)
        ]


def gate(contract: Contract) -> Gate:
    """Compile the contract's row checks; type checks come first, in column order."""
    typed = [spec for spec in contract.columns if spec.data_type.kind != "string"]
    type_checks = [(_type_check(spec), Compiled(F.lit(True), F.col(FAULT + spec.name))) for spec in typed]
    names = {spec.name for spec in typed}
    checks = [
        (check, _not_after_fault(check, compile_check(check, contract.types), names)) for check in contract.row_checks
    ]
    return Gate(contract, (*type_checks, *checks))


def fails(number: int) -> Column:
    """True when a row fails the check of this number; a column that `judged` adds."""
    return F.col(f"{FAILS}{number}")


def considered(number: int) -> Column:
    """True when the check of this number considers a row; a column that `judged` adds."""
    return F.col(f"{FAILS}c{number}")


def _is_judged() -> Column:
    return F.col(VERDICT).isin(KEPT, REFUSED)


def _refuses(check: Check) -> bool:
    return check.otherwise == "quarantine" or (check.otherwise == "stop" and check.mostly is None)


def _type_check(spec: Spec) -> Check:
    reason = f"{spec.name}: not a {spec.type}"
    return Check(f"{spec.name}.type", "type", {"column": spec.name}, spec.otherwise, "row", spec.at_most, None, reason)


def _not_after_fault(check: Check, compiled: Compiled, typed: set[str]) -> Compiled:
    """Report a type fault once; skip the other checks on that value."""
    no_faults = [~F.col(FAULT + name) for name in check.columns if name in typed]
    return replace(compiled, unexpected=reduce(and_, [compiled.unexpected, *no_faults]))
