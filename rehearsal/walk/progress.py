"""One line per step, with the seconds that it took; the steps are kept for the page at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Step:
    """What was done to which system, what was sent, how long it took, and what was seen."""

    what: str
    system: str = ""
    sent: str = ""
    seconds: float = 0.0
    seen: list[str] = field(default_factory=list)


class Progress:
    """Says what is going on; the first figure is the time since the start, the second that of the step."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.steps: list[Step] = []

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    @contextmanager
    def step(self, what: str, *, system: str = "", sent: str = "") -> Iterator[Step]:
        """Say the step when it is done, or that it failed."""
        begun, step = time.monotonic(), Step(what, system, sent)
        try:
            yield step
        except BaseException:
            self.say(f"{time.monotonic() - begun:6.1f} s  FAILED: {what}")
            raise
        step.seconds = time.monotonic() - begun
        self.steps.append(step)
        self.say(f"{step.seconds:6.1f} s  {what}")

    def saw(self, line: str) -> None:
        """Print what was seen in the last step, and keep it with the step."""
        self.steps[-1].seen.append(line)
        self.say(f"  {line}")

    def say(self, line: str) -> None:
        """Print a line with the time since the start."""
        print(f"{self.seconds:6.1f}  {line}", flush=True)
