"""How long a dataset's run takes: measured on Glue or on a laptop, else worked out from bytes, else assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from headgate.contract.model import Job
from headgate.cost.history import PastRun
from headgate.cost.model import ASSUMED_MINUTES, at_another_size, modelled_seconds
from headgate.cost.prices import Prices
from headgate.cost.rhythm import DAYS_A_MONTH

Basis = Literal["glue", "laptop", "bytes", "assumed"]
_LEAST_DAYS = 7  # of history, to count deliveries


@dataclass(frozen=True)
class Work:
    """What is known of a dataset's runs: those of one host, or the bytes that its first run would read."""

    runs: tuple[PastRun, ...] = ()
    bytes: int | None = None

    @property
    def basis(self) -> Basis:
        """What the seconds rest on."""
        if self.runs:
            return self.runs[0].host
        return "assumed" if self.bytes is None else "bytes"

    @property
    def read(self) -> int | None:
        """The bytes that a run reads: the median of the runs, or all raw files; None where it is not known."""
        counted = [run.bytes for run in self.runs if run.bytes is not None]
        return round(median(counted)) if counted else self.bytes

    def seconds(self, job: Job, prices: Prices) -> float:
        """The median seconds of a run with a job of this size."""
        return median(self._each(job, prices))

    def largest(self, job: Job, prices: Prices) -> float:
        """The seconds of the longest run with a job of this size."""
        return max(self._each(job, prices))

    def _each(self, job: Job, prices: Prices) -> list[float]:
        if self.runs:
            return [_as_sized(run, job, prices) for run in self.runs]
        return [ASSUMED_MINUTES * 60.0 if self.bytes is None else modelled_seconds(self.bytes, job, prices)]


def _as_sized(run: PastRun, job: Job, prices: Prices) -> float:
    """A run on Glue at another size; a laptop's seconds are taken as they are, because its cores are not Glue's."""
    return at_another_size(run.seconds, run.job, job, prices) if run.host == "glue" and run.job else run.seconds


def work_of(history: Sequence[PastRun], staged: int | None) -> Work:
    """Prefer runs on Glue, then runs on a laptop, then the bytes in staging."""
    for host in ("glue", "laptop"):
        runs = tuple(run for run in history if run.host == host)
        if runs:
            return Work(runs)
    return Work(bytes=staged)


def deliveries_a_month(work: Work) -> float | None:
    """How often a dataset ran per month on Glue; None where its runs cover less than a week."""
    if work.basis != "glue" or len(work.runs) < 2:
        return None
    days = (work.runs[0].started - work.runs[-1].started).total_seconds() / 86_400
    return (len(work.runs) - 1) / days * DAYS_A_MONTH if days >= _LEAST_DAYS else None
