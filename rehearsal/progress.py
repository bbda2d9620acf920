"""One line per step, with the seconds that it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Says what is going on; the first figure is the time since the start, the second that of the step."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.steps: list[tuple[str, float]] = []

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say the step when it is done, or that it failed."""
        begun = time.monotonic()
        try:
            yield
        except BaseException:
            self.say(f"{time.monotonic() - begun:6.1f} s  FAILED: {what}")
            raise
        self.steps.append((what, time.monotonic() - begun))
        self.say(f"{time.monotonic() - begun:6.1f} s  {what}")

    def say(self, line: str) -> None:
        """Print a line with the time since the start."""
        print(f"{time.monotonic() - self._start:6.1f}  {line}", flush=True)
