"""A rehearsal that was left up: where it is, and how to end it later."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate.errors import UnusableArgument
from rehearsal.processes import end


@dataclass(frozen=True)
class KeptRehearsal:
    """The endpoint to use it, and the processes to end it."""

    endpoint: str
    pids: list[int]
    folder: str

    def write(self, file: Path) -> None:
        """Write it to a file."""
        file.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def kept(file: Path) -> KeptRehearsal | None:
    """The rehearsal that is up; None when there is none, or its processes have ended."""
    if not file.is_file():
        return None
    up = KeptRehearsal(**json.loads(file.read_text(encoding="utf-8")))
    return up if any(_is_ours(pid) for pid in up.pids) else None


def take_down(file: Path) -> bool:
    """End every process of the rehearsal that is up; False when none was."""
    up = kept(file)
    for pid in up.pids if up else ():
        if _is_ours(pid):
            end(pid)
    file.unlink(missing_ok=True)
    return up is not None


def must_be_free(file: Path) -> None:
    """Raise `UnusableArgument` while one is up: two would share a folder."""
    up = kept(file)
    if up is not None:
        raise UnusableArgument(f"a rehearsal is up at {up.endpoint}", remedy="End it with `make rehearse-down`.")


def must_be_up(file: Path) -> KeptRehearsal:
    """The rehearsal that is up. Raises `UnusableArgument` when none is."""
    up = kept(file)
    if up is None:
        raise UnusableArgument("no rehearsal is up", remedy="Start one with `make rehearse KEEP=1`.")
    return up


def _is_ours(pid: int) -> bool:
    """True when the process runs and a rehearsal started it: the system may have given its number to another one."""
    try:
        os.kill(pid, 0)
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except (ProcessLookupError, PermissionError):
        return False
    except FileNotFoundError:
        return True  # a system without /proc
    return b"REHEARSAL_SETTINGS=" in environment
