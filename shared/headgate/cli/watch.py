"""`headgate run --watch`: run again when a contract, a query or a raw file changes, in one Spark session.

A changed contract reads nothing again by itself, so that no edit rewrites a lake. Somebody who watches wants to see
what an edit does: here the objects that were read under the former contract are read again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console

from headgate import stopping
from headgate.cli import show
from headgate.cli.local import run_here
from headgate.contract.load import sql_root
from headgate.errors import HeadgateError
from headgate.lake.address import lake_at
from headgate.project import load_project
from headgate.upkeep.backfill import Selection

Seen = Mapping[str, tuple[int, int]]  # size and modification time by file

_EVERY = 0.3  # seconds between two looks
_SHARE = 0.1  # of the time may be spent looking, so large folders are looked at less often
_SHOWN = 3  # changed files that a line names


@dataclass
class Watched:
    """The folders of a project, and the contracts' fingerprints at the last run."""

    contracts: Path
    source: Path
    lake: Path
    names: Sequence[str]
    hashes: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Read again what an edited contract is about, then run as `headgate run` does. Raises `HeadgateError`."""
        edited = self._edited()
        if edited:
            again = Selection("stale")
            result, report = run_here(self.contracts, self.source, self.lake, edited, again=again)
            if any(outcome.status not in ("unchanged", "skipped") for outcome in result.outcomes.values()):
                show.print_run(result, report, as_json=False, lake=self.lake)
        result, report = run_here(self.contracts, self.source, self.lake, self.names)
        show.print_run(result, report, as_json=False, lake=self.lake)

    def _edited(self) -> list[str]:
        """The datasets whose contract says something else than at the last run."""
        project = load_project(self.contracts, lake_at(str(self.lake)))
        before, self.hashes = self.hashes, {name: contract.hash for name, contract in project.contracts.items()}
        datasets = [contract for contract in project.named(self.names) if not contract.is_mart]
        return [dataset.dataset for dataset in datasets if before.get(dataset.dataset, dataset.hash) != dataset.hash]

    def look(self) -> Seen:
        """Every contract, query and raw file. The lake is left out where it lies in one of these folders."""
        wanted = [*_files(self.contracts, self.lake, (".yaml", ".yml")), *_files(self.source, self.lake)]
        if self.contracts.is_dir():
            wanted += _files(sql_root(self.contracts), self.lake, (".sql",))
        return {str(file): state for file in wanted if (state := _state(file))}


def watch(watched: Watched) -> None:
    """Run at once and after each change. A fault of a contract is shown, and watching continues.

    Ctrl-C ends it with `KeyboardInterrupt`.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    for seen in _runs(watched, console):
        console.print(f"Watching {len(seen)} files. Ctrl-C ends it.", markup=False)
        changed = wait_for_change(watched.look, seen)
        console.print(f"\n{datetime.now():%H:%M:%S} changed: {in_words(changed)}", markup=False)


def _runs(watched: Watched, console: Console) -> Iterator[Seen]:
    """Run, and yield what was there when the run began: what changes meanwhile makes the next run."""
    while True:
        seen = watched.look()
        try:
            watched.run()
        except HeadgateError as error:
            console.print(str(error), markup=False)
        if stopping.requested():  # the run has recorded it
            raise KeyboardInterrupt
        yield seen


def wait_for_change(look: Callable[[], Seen], seen: Seen, sleep: Callable[[float], None] = time.sleep) -> list[str]:
    """Wait until files differ from `seen` and then stay as they are, and return those that differ."""
    before = seen
    while True:
        start = time.monotonic()
        now = look()
        if now == before and now != seen:
            return changes(seen, now)
        before = now
        sleep(max(_EVERY, (time.monotonic() - start) / _SHARE))


def changes(before: Seen, after: Seen) -> list[str]:
    """The files that are new, gone, or have another size or time."""
    return sorted(file for file in {*before, *after} if before.get(file) != after.get(file))


def in_words(files: Sequence[str]) -> str:
    """The first of these files, and how many more."""
    more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return ", ".join(files[:_SHOWN]) + more


def _files(folder: Path, lake: Path, endings: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """The files below a folder whose names do not begin with `_` or `.`; nothing of the lake."""
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "_." and Path(at, name).absolute() != lake.absolute()]
        yield from (Path(at, name) for name in names if name[0] not in "_." and name.endswith(endings))


def _state(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None  # removed since it was listed
    return stat.st_size, stat.st_mtime_ns
