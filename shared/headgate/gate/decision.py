"""Whether the gate is open or closed, from the counts of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headgate.checks.check import CheckResult
from headgate.contract.model import Contract
from headgate.errors import GateClosed


def require_open_gate(
    contract: Contract, *, read: int, kept: int, refused: int, results: Sequence[CheckResult]
) -> None:
    """Raise `GateClosed`, with every reason, when the kept rows may not be published."""
    reasons = [*_stops(results), *_shares(contract, read, refused, results), *_emptiness(contract, kept)]
    if reasons:
        raise closed(contract, reasons)


def require_passed_audit(contract: Contract, results: Sequence[CheckResult]) -> None:
    """The same for the table-level checks that Great Expectations has judged."""
    reasons = list(_stops(results))
    if reasons:
        raise closed(contract, reasons)


def closed(contract: Contract, reasons: Sequence[str]) -> GateClosed:
    """The error that says why nothing was published."""
    remedy = (
        "Nothing was published; readers keep the previous data. See the report, and the refused rows with\n"
        f"`headgate quarantine {contract.dataset}`; fix the source or the contract, and run again."
    )
    return GateClosed("; ".join(reasons), where=contract.dataset, remedy=remedy)


def _stops(results: Sequence[CheckResult]) -> Iterator[str]:
    for result in results:
        if result.check.otherwise == "stop" and not result.success:
            seen = (
                f"{result.unexpected_count:,} rows" if result.unexpected_count else f"observed {result.observed_value}"
            )
            yield f"{result.check.reason or result.check.id} ({seen}; `{result.check.expect}` says stop)"


def _shares(contract: Contract, read: int, refused: int, results: Sequence[CheckResult]) -> Iterator[str]:
    if read and refused / read > contract.at_most:
        yield f"{refused:,} of {read:,} rows refused ({refused / read:.1%}), at most {contract.at_most:.1%} may be"
    for result in results:
        bound, failing = result.check.at_most, result.unexpected_count or 0
        if bound is not None and read and failing / read > bound:
            share = f"{failing:,} of {read:,} rows ({failing / read:.1%})"
            yield f"{result.check.reason}: {share}, at most {bound:.1%} may be"


def _emptiness(contract: Contract, kept: int) -> Iterator[str]:
    if kept == 0 and not contract.allow_empty:
        yield "no row is left to publish (`allow_empty: true` would allow it)"
