"""What a run is asked to do."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from headgate.upkeep.backfill import Selection


def _silent(step: str, **facts: object) -> None: ...


def new_run_id(now: datetime | None = None) -> str:
    """A name that sorts by time: `20260102T030405Z-1a2b3c`."""
    return f"{(now or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class RunRequest:
    """Which datasets and marts to run (all, when none is named), how, under which run id, and where to log.

    `full` rebuilds from staging; `dry` reports what would be read and writes nothing; `again` selects objects to read
    again, and only those are read. `log` is called with a step's name and its facts.
    """

    names: tuple[str, ...] = ()
    full: bool = False
    dry: bool = False
    again: Selection | None = None
    log: Callable[..., None] = _silent
    run: str = field(default_factory=new_run_id)
