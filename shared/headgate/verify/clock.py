"""Time, and waiting for something; tests bring a clock of their own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from headgate.verify.probe import NotShown

Found = TypeVar("Found")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """What time it is, and how to let it pass."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep

    def until(self, what: str, look: Callable[[], Found | None], *, every: float, at_most: float) -> Found:
        """What `look` finds, asked again until it is not None. Raises `NotShown` when it has not come in time."""
        begun = self.now()
        while (found := look()) is None:
            if (self.now() - begun).total_seconds() >= at_most:
                raise NotShown(f"{what} did not come within {at_most:.0f} seconds")
            self.sleep(every)
        return found
