"""One JSON line per step of a run, for programs that follow it."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from headgate.checks.suite import plain

Write = Callable[[str], None]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class JsonLog:
    """Pass one line per call to `write`: `{"ts": …, "run": …, "step": …, …}`, with the facts of the step.

    A fact cannot replace one of those three. Lines of several threads do not mix.
    """

    run: str
    write: Write
    clock: Callable[[], datetime] = _now
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __call__(self, step: str, /, **facts: object) -> None:
        """Log that a step has started or is done."""
        head = {"ts": self.clock().isoformat(timespec="milliseconds"), "run": self.run, "step": step}
        line = json.dumps({**head, **plain(facts), **head}, ensure_ascii=False)
        with self._lock:
            self.write(line)


class FileLines:
    """Append and flush lines. A file that cannot be written is reported once, and does not end the run."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._broken = False

    def __call__(self, line: str) -> None:
        """Append one line."""
        if self._broken:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            self._broken = True
            print(f"The log {self.path} cannot be written ({error}); the run continues without it.", file=sys.stderr)


def stdout_lines(line: str) -> None:
    """Print the line; on AWS, Glue copies standard output into the job's log."""
    print(line, flush=True)
