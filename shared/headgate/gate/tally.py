"""The counts of all row checks, taken in the one pass that writes the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from headgate.checks.check import Check, CheckResult
from headgate.gate.compile import Compiled, considers, judges_missing


def tally_columns(compiled: Sequence[tuple[Check, Compiled]]) -> list[Column]:
    """Aggregates for an `Observation`: `u<i>` the unexpected rows of check i, `c<i>` the rows it considers.

    Rows are counted once for all checks that consider the same ones: the first of them carries the count.
    """
    carriers = {i for i in _carriers([check for check, _ in compiled]) if i is not None}
    unexpected = [F.count_if(each.unexpected).alias(f"u{i}") for i, (_, each) in enumerate(compiled)]
    return unexpected + [F.count_if(compiled[i][1].considered).alias(f"c{i}") for i in sorted(carriers)]


def read_tally(checks: Sequence[Check], observed: Mapping[str, int], rows_read: int) -> list[CheckResult]:
    """The result of each check, in the order of `tally_columns`; `success` is Great Expectations' own rule."""
    results = []
    for i, (check, carrier) in enumerate(zip(checks, _carriers(checks), strict=True)):
        considered = rows_read if carrier is None else int(observed[f"c{carrier}"])
        unexpected = int(observed[f"u{i}"])
        missing = None if judges_missing(check) else rows_read - considered
        results.append(CheckResult(check, holds(considered, unexpected, check.mostly), rows_read, missing, unexpected))
    return results


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
