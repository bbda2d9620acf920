"""The ledger: which objects the published table has read. Events are hints; this is the truth.

Each publication has one immutable file `ledger/<dataset>/<run>.json` with what changed since the one before it; the
first and every 50th is whole. The published table points at its file, so data and ledger change in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from headgate.errors import RunFailed
from headgate.lake.paths import ledger_file
from headgate.lake.storage import Storage, StoredObject

FORMAT = 1
WHOLE_EVERY = 50
POINTER = "headgate.ledger"  # the table property that names the ledger file


@dataclass(frozen=True)
class Entry:
    """One object as it was when it was read; `refused` says why a whole file was not taken."""

    path: str
    size: int
    etag: str
    arrival: str
    contract: str
    run: str
    refused: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The objects read so far, by path, and the pointer to the file that says so."""

    dataset: str
    pointer: str | None = None
    sequence: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def news(self, found: Iterable[StoredObject], contract: str) -> list[StoredObject]:
        """Objects that are new or changed; a refused one also when the contract has changed since."""
        return [one for one in found if self._is_news(one, contract)]

    def _is_news(self, one: StoredObject, contract: str) -> bool:
        known = self.entries.get(one.path)
        if known is None or (known.size, known.etag) != (one.size, one.etag):
            return True
        return known.refused is not None and known.contract != contract

    def rewritten(self, found: Iterable[StoredObject]) -> list[str]:
        """Paths among `found` of which an earlier version has been published."""
        return [one.path for one in found if one.path in self.entries and self.entries[one.path].refused is None]

    def gone(self, found: Iterable[StoredObject]) -> list[str]:
        """Paths that were read and are no longer there."""
        return sorted(set(self.entries) - {one.path for one in found})

    def stale(self, contract: str) -> list[str]:
        """Paths that were read under another contract."""
        return sorted(path for path, entry in self.entries.items() if entry.contract != contract)


def entry(one: StoredObject, contract: str, run: str, refused: str | None = None) -> Entry:
    """The ledger's line for an object read by this run."""
    return Entry(one.path, one.size, one.etag, one.arrival.isoformat(), contract, run, refused)


def read_ledger(storage: Storage, dataset: str, pointer: str | None) -> Ledger:
    """The ledger behind a table's pointer; an empty one where nothing was published."""
    if pointer is None:
        return Ledger(dataset)
    chain: list[dict[str, Any]] = []
    at: str | None = pointer
    while at is not None:
        chain.append(_read_file(storage, at))
        at = None if chain[-1]["whole"] else chain[-1]["previous"]
    entries = {e["path"]: Entry(**e) for file in reversed(chain) for e in file["objects"]}
    newest = chain[0]
    return Ledger(dataset, pointer, newest["sequence"], entries, newest["facts"])


def write_ledger(
    storage: Storage, before: Ledger, run: str, news: Iterable[Entry], *, whole: bool, facts: Mapping[str, Any]
) -> str:
    """Write the ledger that a publication will point at, and return its path. `whole` starts from nothing."""
    news = list(news)
    sequence = before.sequence + 1
    every = whole or before.pointer is None or sequence % WHOLE_EVERY == 0
    kept = {} if whole else dict(before.entries)
    listed = {**kept, **{one.path: one for one in news}} if every else {one.path: one for one in news}
    path = ledger_file(before.dataset, run)
    content = {
        "format": FORMAT,
        "dataset": before.dataset,
        "run": run,
        "sequence": sequence,
        "previous": before.pointer,
        "whole": every,
        "facts": dict(facts),
        "objects": [asdict(one) for one in sorted(listed.values(), key=lambda one: one.path)],
    }
    storage.write(path, json.dumps(content, indent=1, ensure_ascii=False).encode())
    return path


def _read_file(storage: Storage, path: str) -> dict[str, Any]:
    remedy = "Restore the file, or rebuild the table from staging with `--full`."
    try:
        content = json.loads(storage.read(path))
    except (OSError, ValueError) as error:
        raise RunFailed(f"the ledger cannot be read: {error}", where=path, remedy=remedy) from error
    if content.get("format") != FORMAT:
        raise RunFailed(
            f"the ledger has format {content.get('format')}, this version reads {FORMAT}", where=path, remedy=remedy
        )
    return content
