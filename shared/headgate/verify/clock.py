"""The current time, and polling; tests use a clock that does not sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from headgate.verify.probe import ProbeFailed

Value = TypeVar("Value")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """Return the current time, and sleep."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep

    def wait_for(self, what: str, look: Callable[[], Value | None], *, every: float, timeout: float) -> Value:
        """Call `look` every few seconds until it returns a value. Raises `ProbeFailed` after the timeout."""
        started = self.now()
        while (value := look()) is None:
            if (self.now() - started).total_seconds() >= timeout:
                raise ProbeFailed(f"{what} did not come within {timeout:.0f} seconds")
            self.sleep(every)
        return value
