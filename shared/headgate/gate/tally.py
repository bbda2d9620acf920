"""The counts of all row checks, taken in the one pass that writes the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.checks.check import Check, CheckResult
from headgate.columns import REPEATED_HEADER, SKIP, SKIP_REASONS, SKIPPED, VERDICT
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.gate.compile import Compiled, considers, judges_missing


def tally_columns(compiled: Sequence[tuple[Check, Compiled]]) -> list[Column]:
    """Aggregates for an `Observation`: `u<i>` the unexpected rows of check i, `c<i>` the rows it considers.

    Rows are counted once for all checks that consider the same ones: the first of them carries the count.
    """
    carriers = counting([check for check, _ in compiled])
    unexpected = [F.count_if(each.unexpected).alias(f"u{i}") for i, (_, each) in enumerate(compiled)]
    return unexpected + [F.count_if(compiled[i][1].considered).alias(f"c{i}") for i in carriers]


def counting(checks: Sequence[Check]) -> list[int]:
    """The numbers of the checks that carry a count of the rows they consider."""
    return sorted({i for i in _carriers(checks) if i is not None})


def read_tally(checks: Sequence[Check], observed: Mapping[str, int], rows_read: int) -> list[CheckResult]:
    """The result of each check, in the order of `tally_columns`; `success` is Great Expectations' own rule."""
    results = []
    for i, (check, carrier) in enumerate(zip(checks, _carriers(checks), strict=True)):
        considered = rows_read if carrier is None else int(observed[f"c{carrier}"])
        unexpected = int(observed[f"u{i}"])
        missing = None if judges_missing(check) else rows_read - considered
        results.append(CheckResult(check, holds(considered, unexpected, check.mostly), rows_read, missing, unexpected))
    return results


def skip_columns(contract: Contract) -> list[Column]:
    """Aggregates for an `Observation`: `s<i>` the rows that are skipped for reason number i, where there can be any."""
    skipped = F.col(VERDICT) == SKIPPED
    return [F.count_if(skipped & (F.col(SKIP) == SKIP_REASONS[i])).alias(f"s{i}") for i in _possible(contract)]


def read_skipped(observed: Mapping[str, int]) -> dict[str, int]:
    """The skipped rows by reason, without the reasons that no row has."""
    counts = {reason: int(observed.get(f"s{i}", 0)) for i, reason in enumerate(SKIP_REASONS)}
    return {reason: count for reason, count in counts.items() if count}


def without_headers(observed: Mapping[str, int], files: int) -> dict[str, int]:
    """The counts without the headers of this many files: Spark reads a header like a row that repeats it.

    Raises `RunFailed` when a file's header was not among its rows: its rows would not be counted right.
    """
    if not files:
        return dict(observed)
    at = f"s{SKIP_REASONS.index(REPEATED_HEADER)}"
    if observed[at] < files:
        what = f"{files} files have a header, and only {observed[at]} were read again"
        raise RunFailed(what, remedy="Run again; if it happens again, report it.")
    return {**observed, **{name: observed[name] - files for name in ("read", "skipped", at)}}


def _possible(contract: Contract) -> list[int]:
    """The numbers of the reasons for which a row of the dataset may be skipped."""
    read = contract.source.read
    if contract.is_mart:
        return []
    words = (read.comment, read.skip_from, read.skip_last, read.header, contract.skip_when)
    return [i for i, word in enumerate(words) if word]


def holds(considered: int, unexpected: int, mostly: float | None) -> bool:
    """Great Expectations' rule, in its own floating point; no row considered is a success."""
    if considered == 0:
        return True
    return (float(considered) - float(unexpected)) / float(considered) >= (1.0 if mostly is None else mostly)


def _carriers(checks: Sequence[Check]) -> list[int | None]:
    """For each check, the number `i` of the check whose `c<i>` counts the rows it considers; None for every row."""
    first: dict[tuple[str, ...], int] = {}
    words = [considers(check) for check in checks]
    return [first.setdefault(each, i) if each else None for i, each in enumerate(words)]
