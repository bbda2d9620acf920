"""Whether the gate is open or closed, from the counts of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from headgate.checks.check import CheckResult
from headgate.contract.model import Contract
from headgate.errors import GateClosed

_SHOWN = 5  # reasons that a message names


@dataclass(frozen=True)
class Counts:
    """The rows that the gate decides about."""

    read: int
    kept: int
    refused: int


def require_open_gate(
    contract: Contract,
    counts: Counts,
    results: Sequence[CheckResult],
    *,
    no_file_left: str | None = None,
    reasons: Callable[[], Sequence[tuple[str, int]]] = tuple,
) -> None:
    """Raise `GateClosed`, with everything that closes it, when the kept rows may not be published.

    `reasons` gives each reason for which rows were refused, with their number; it is called only for the message.
    """
    closing = [*_stops(results), *_shares(contract, counts, results, reasons)]
    closing += [no_file_left] if no_file_left else list(_emptiness(contract, counts.kept))
    if closing:
        raise closed(contract, closing)


def require_passed_audit(contract: Contract, results: Sequence[CheckResult]) -> None:
    """The same for the table-level checks that Great Expectations has judged."""
    reasons = list(_stops(results))
    if reasons:
        raise closed(contract, reasons)


def closed(contract: Contract, reasons: Sequence[str]) -> GateClosed:
    """The error that says why nothing was published."""
    remedy = "Nothing was published; readers keep the previous data. Fix the source or the contract, and run again."
    return GateClosed("; ".join(reasons), where=contract.dataset, remedy=remedy)


def _stops(results: Sequence[CheckResult]) -> Iterator[str]:
    for result in results:
        if result.check.otherwise == "stop" and not result.success:
            seen = (
                f"{result.unexpected_count:,} rows" if result.unexpected_count else f"observed {result.observed_value}"
            )
            yield f"{result.check.reason or result.check.id} ({seen}; `{result.check.expect}` says stop)"


def _shares(
    contract: Contract,
    counts: Counts,
    results: Sequence[CheckResult],
    reasons: Callable[[], Sequence[tuple[str, int]]],
) -> Iterator[str]:
    read, refused = counts.read, counts.refused
    if read and refused / read > contract.at_most:
        share = f"{refused:,} of {read:,} rows refused ({refused / read:.1%}), at most {contract.at_most:.1%} may be"
        yield share + _why(reasons())
    for result in results:
        bound, failing = result.check.at_most, result.unexpected_count or 0
        if bound is not None and read and failing / read > bound:
            share = f"{failing:,} of {read:,} rows ({failing / read:.1%})"
            yield f"{result.check.reason}: {share}, at most {bound:.1%} may be"


def _why(reasons: Sequence[tuple[str, int]]) -> str:
    """The most frequent reasons with their counts, in brackets."""
    named = [f"{reason}: {rows:,} {'row' if rows == 1 else 'rows'}" for reason, rows in reasons[:_SHOWN]]
    more = [f"{len(reasons) - _SHOWN} further reasons"] if len(reasons) > _SHOWN else []
    return f" ({'; '.join([*named, *more])})" if named else ""


def _emptiness(contract: Contract, kept: int) -> Iterator[str]:
    if kept == 0 and not contract.allow_empty:
        yield "no row is left to publish (`allow_empty: true` would allow it)"
