"""One JSON line per step of a run, for machines that follow it."""

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
    """Called with a step and its facts, hands one line to `write`: `{"ts": …, "run": …, "step": …, …}`.

    A fact cannot take the place of those three. Lines of several threads do not mix.
    """

    run: str
    write: Write
    clock: Callable[[], datetime] = _now
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __call__(self, step: str, /, **facts: object) -> None:
        """Log that a step began or was done."""
        head = {"ts": self.clock().isoformat(timespec="milliseconds"), "run": self.run, "step": step}
        line = json.dumps({**head, **plain(facts), **head}, ensure_ascii=False)
        with self._lock:
            self.write(line)


class FileLines:
    """Lines appended to a file, each flushed. A file that cannot be written is said once, and never ends the run."""

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
            print(f"The log {self.path} cannot be written ({error}); the run goes on without it.", file=sys.stderr)


def log_path(run: str) -> str:
    """The log of a run, below the place of the run records."""
    return f"runs/{run}/log.jsonl"


def stdout_lines(line: str) -> None:
    """The line on standard output, where Glue's log takes it."""
    print(line, flush=True)
