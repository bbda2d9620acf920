"""What a run is asked to do."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from headgate.upkeep.backfill import Selection

_PARTS = 16**3
DEFAULT_FOLDERS = {"contracts": "contracts", "source": "staging", "lake": "lake"}
_FOLDERS = {
    "run": ("contracts", "source", "lake"),
    "backfill": ("contracts", "source", "lake"),
    "resume": ("contracts", "lake"),
    "flatten": ("contracts", "source"),
    "quarantine": ("lake",),
    "acknowledge": ("lake",),
}


def _silent(step: str, **facts: object) -> None: ...


def new_run_id(now: datetime | None = None) -> str:
    """A name that sorts by time: `20260102T030405Z-1a2b3c`.

    The first three of the last six digits count the 4,096 parts of the second, the other three are random.
    """
    at = now or datetime.now(UTC)
    part = at.microsecond * _PARTS // 1_000_000
    return f"{at:%Y%m%dT%H%M%SZ}-{part:03x}{secrets.randbelow(_PARTS):03x}"


def command_line(verb: str, *words: str, given: Mapping[str, str]) -> str:
    """A command with the folders that were given, where they are not the usual ones: ready to be typed."""
    at = {name: given.get(name, DEFAULT_FOLDERS[name]) for name in _FOLDERS[verb]}
    options = [part for name in at if at[name] != DEFAULT_FOLDERS[name] for part in (f"--{name}", at[name])]
    return shlex.join(["headgate", verb, *words, *options])


@dataclass(frozen=True)
class RunRequest:
    """Which datasets and marts to run (all, when none is named), how, under which run id, and where to log.

    `full` rebuilds from staging; `dry` reports what would be read and writes nothing; `again` selects objects to read
    again, and only those are read. `log` is called with a step's name and its facts. `given` are the folders as they
    were given.
    """

    names: tuple[str, ...] = ()
    full: bool = False
    dry: bool = False
    again: Selection | None = None
    log: Callable[..., None] = _silent
    run: str = field(default_factory=new_run_id)
    given: Mapping[str, str] = field(default_factory=dict)

    def command(self, verb: str, *words: str) -> str:
        """A command line for this run's folders, ready to be typed."""
        return command_line(verb, *words, given=self.given)
