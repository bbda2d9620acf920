"""A rehearsal that was left up: where it is, and how it is ended later."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate.errors import UnusableArgument
from rehearsal.emulator import end


@dataclass(frozen=True)
class Kept:
    """What has to be known to use it, and to end it."""

    endpoint: str
    pids: list[int]
    folder: str

    def write(self, file: Path) -> None:
        """Keep it in a file."""
        file.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def kept(file: Path) -> Kept | None:
    """The rehearsal that is up; None when there is none, or its processes are gone."""
    if not file.is_file():
        return None
    found = Kept(**json.loads(file.read_text(encoding="utf-8")))
    return found if any(_is_ours(pid) for pid in found.pids) else None


def take_down(file: Path) -> bool:
    """End every process of the rehearsal that is up; False when none was."""
    found = kept(file)
    for pid in found.pids if found else ():
        if _is_ours(pid):
            end(pid)
    file.unlink(missing_ok=True)
    return found is not None


def must_be_free(file: Path) -> None:
    """Raise `UnusableArgument` while one is up: two would share a folder."""
    found = kept(file)
    if found is not None:
        raise UnusableArgument(f"a rehearsal is up at {found.endpoint}", remedy="End it with `make rehearse-down`.")


def must_be_up(file: Path) -> Kept:
    """The rehearsal that is up. Raises `UnusableArgument` when none is."""
    found = kept(file)
    if found is None:
        raise UnusableArgument("no rehearsal is up", remedy="`make rehearse KEEP=1` leaves one up.")
    return found


def _is_ours(pid: int) -> bool:
    """True when the process runs and is one that a rehearsal started: numbers are given anew."""
    try:
        os.kill(pid, 0)
        said = Path(f"/proc/{pid}/environ").read_bytes()
    except (ProcessLookupError, PermissionError):
        return False
    except FileNotFoundError:
        return True  # a system without /proc
    return b"REHEARSAL_SETTINGS=" in said
