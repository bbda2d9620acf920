"""Refused and emptied files that a person has seen: later runs no longer name them.

An acknowledgement holds for one version of a file under one contract: a file that changes, or that another contract
refuses, is named again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from headgate.errors import RunFailed, UnusableArgument
from headgate.lake.ledger import Entry, Ledger
from headgate.lake.paths import acknowledged_file
from headgate.lake.storage import Storage

FORMAT = 1
_SHOWN = 5  # waiting files that a message names


def unacknowledged(storage: Storage, dataset: str, waiting: Sequence[Entry]) -> list[Entry]:
    """The entries among `waiting` that nobody has acknowledged yet."""
    seen = set(map(tuple, _read(storage, dataset))) if waiting else set()
    return [entry for entry in waiting if _version(entry) not in seen]


def acknowledge(storage: Storage, ledger: Ledger, paths: Iterable[str]) -> list[Entry]:
    """Acknowledge the waiting files of these paths (all, when none is named), and return them.

    Raises `UnusableArgument` for a path that does not wait.
    """
    waiting = {path: entry for path, entry in ledger.entries.items() if entry.waits}
    named = list(paths)
    for path in named:
        if path not in waiting:
            raise _does_not_wait(ledger, path, sorted(waiting))
    chosen = [waiting[path] for path in named or sorted(waiting)]
    versions = {tuple(version) for version in _read(storage, ledger.dataset)}
    still = {_version(entry) for entry in waiting.values()}
    kept = sorted((versions & still) | {_version(entry) for entry in chosen})
    content = {"format": FORMAT, "files": [list(version) for version in kept]}
    storage.write(acknowledged_file(ledger.dataset), json.dumps(content, indent=1, ensure_ascii=False).encode())
    return chosen


def _version(entry: Entry) -> tuple[str, str, str]:
    return entry.path, entry.etag, entry.contract


def _does_not_wait(ledger: Ledger, path: str, waiting: Sequence[str]) -> UnusableArgument:
    more = f" and {len(waiting) - _SHOWN} more" if len(waiting) > _SHOWN else ""
    shown = ", ".join(f"`{name}`" for name in waiting[:_SHOWN]) + more
    remedy = f"Refused or emptied are {shown}." if waiting else "No file of this dataset waits refused or emptied."
    return UnusableArgument(f"`{path}` is not a refused or emptied file", where=ledger.dataset, remedy=remedy)


def _read(storage: Storage, dataset: str) -> list[list[str]]:
    path = acknowledged_file(dataset)
    if not storage.exists(path):
        return []
    content = json.loads(storage.read(path))
    if content.get("format") != FORMAT:
        what = f"the acknowledged files have format {content.get('format')}, this version reads {FORMAT}"
        raise RunFailed(what, where=path, remedy="Update Headgate, or delete the file: it only silences messages.")
    return list(content["files"])
