"""Print a line per step, with the seconds that it took, and keep the steps for the page at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Step:
    """One step: what it was, on which system, what was sent, the seconds it took, and what was seen."""

    what: str
    system: str = ""
    sent: str = ""
    seconds: float = 0.0
    seen: list[str] = field(default_factory=list)


class Progress:
    """Prints the progress; the first figure is the time since the start, the second that of the step."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.steps: list[Step] = []

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self._start

    @contextmanager
    def step(self, what: str, *, system: str = "", sent: str = "") -> Iterator[Step]:
        """Print the step when it is done, or that it failed."""
        begun, step = time.monotonic(), Step(what, system, sent)
        try:
            yield step
        except BaseException:
            self.print(f"{time.monotonic() - begun:6.1f} s  FAILED: {what}")
            raise
        step.seconds = time.monotonic() - begun
        self.steps.append(step)
        self.print(f"{step.seconds:6.1f} s  {what}")

    def add(self, line: str) -> None:
        """Print a line about the last step, and keep it with the step."""
        self.steps[-1].seen.append(line)
        self.print(f"  {line}")

    def print(self, line: str) -> None:
        """Print a line with the time since the start."""
        print(f"{self.seconds:6.1f}  {line}", flush=True)
