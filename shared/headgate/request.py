"""What a run is asked to do, and how long each of its steps took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from headgate.outcome import Outcome
from headgate.upkeep.backfill import Selection


def _silent(step: str, **facts: object) -> None: ...


@dataclass(frozen=True)
class RunRequest:
    """A run's name, what it was asked, and where it logs."""

    run: str
    full: bool = False
    dry: bool = False
    again: Selection | None = None  # objects to read again
    log: Callable[..., None] = _silent


class _Working(Protocol):
    request: RunRequest
    outcome: Outcome


@contextmanager
def timed(work: _Working, step: str) -> Iterator[None]:
    """Log the step's beginning, and keep its seconds in the outcome."""
    work.request.log(step, dataset=work.outcome.dataset)
    start = time.monotonic()
    try:
        yield
    finally:
        spent = work.outcome.seconds.get(step, 0.0) + time.monotonic() - start
        work.outcome.seconds[step] = round(spent, 3)
