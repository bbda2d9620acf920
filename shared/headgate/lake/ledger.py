"""The ledger: the objects that were read for the published table. Events are hints; the ledger decides.

Each publication has one immutable file `ledger/<dataset>/<run>.json` with what changed since the one before it; the
first and every 50th file list everything. The published table points at its file: data and ledger change in one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from headgate.errors import RunFailed
from headgate.lake.paths import ledger_file
from headgate.lake.storage import Storage, StoredObject

FORMATS = (1, 2)  # 2 where an object waits with more than a refusal, or keys were deleted
WHOLE_EVERY = 50
POINTER = "headgate.ledger"  # the table property that names the ledger file


@dataclass(frozen=True)
class Entry:
    """One object as it was when it was read; `refused` is the reason if the whole file was refused.

    `emptied` is the reason why no row of a file was left. `published`: an earlier version of a refused file is still
    part of the table.
    """

    path: str
    size: int
    etag: str
    arrival: str
    contract: str
    run: str
    refused: str | None = None
    emptied: str | None = None
    published: bool = False

    @property
    def waits(self) -> str | None:
        """Why the file gave the table no row; None when it did not wait for anything."""
        return self.refused or self.emptied

    def as_json(self) -> dict[str, Any]:
        """The entry as its file holds it: fields of format 2 only where they say something."""
        later = {"emptied": self.emptied, "published": self.published}
        return {name: value for name, value in asdict(self).items() if name not in later or later[name]}


@dataclass(frozen=True)
class Ledger:
    """The objects read so far, by path, and the pointer to the newest file of the ledger.

    `deleted` is the place of the keys that are deleted (`delete_when`).
    """

    dataset: str
    pointer: str | None = None
    sequence: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    deleted: str | None = None

    def news(self, found: Iterable[StoredObject], contract: str) -> list[StoredObject]:
        """Objects that are new or changed; one that waits also when the contract has changed since."""
        return [stored for stored in found if self._is_news(stored, contract)]

    def _is_news(self, stored: StoredObject, contract: str) -> bool:
        known = self.entries.get(stored.path)
        if known is None or (known.size, known.etag) != (stored.size, stored.etag):
            return True
        return known.waits is not None and known.contract != contract

    def waiting(self, found: Iterable[StoredObject]) -> list[Entry]:
        """The entries of refused and emptied files that are still in staging."""
        return [self.entries[path] for path in sorted(stored.path for stored in found) if self._waits(path)]

    def _waits(self, path: str) -> bool:
        return path in self.entries and self.entries[path].waits is not None

    def holds(self, path: str) -> bool:
        """True when a version of this object is part of the published table."""
        known = self.entries.get(path)
        return known is not None and (known.refused is None or known.published)

    def rewritten(self, found: Iterable[StoredObject]) -> list[str]:
        """Paths among `found` of which an earlier version was published."""
        return [stored.path for stored in found if self.holds(stored.path)]

    def gone(self, found: Iterable[StoredObject]) -> list[str]:
        """Paths that were read and no longer exist."""
        return sorted(set(self.entries) - {stored.path for stored in found})

    def stale(self, contract: str) -> list[str]:
        """Paths that were read under another contract."""
        return sorted(path for path, entry in self.entries.items() if entry.contract != contract)


def entry(stored: StoredObject, contract: str, run: str, refused: str | None = None) -> Entry:
    """The ledger's entry for an object that this run has read."""
    return Entry(stored.path, stored.size, stored.etag, stored.arrival.isoformat(), contract, run, refused)


def read_ledger(storage: Storage, dataset: str, pointer: str | None) -> Ledger:
    """The ledger that a table points at; an empty one when nothing was published."""
    if pointer is None:
        return Ledger(dataset)
    chain: list[dict[str, Any]] = []
    at: str | None = pointer
    while at is not None:
        chain.append(_read_file(storage, at))
        at = None if chain[-1]["whole"] else chain[-1]["previous"]
    entries = {fields["path"]: Entry(**fields) for file in reversed(chain) for fields in file["objects"]}
    newest = chain[0]
    return Ledger(dataset, pointer, newest["sequence"], entries, newest["facts"], newest.get("deleted"))


def write_ledger(
    storage: Storage,
    before: Ledger,
    run: str,
    news: Iterable[Entry],
    *,
    whole: bool,
    facts: Mapping[str, Any],
    deleted: str | None = None,
) -> str:
    """Write the ledger file that a publication will point at, and return its path. `whole` forgets what was before."""
    sequence = before.sequence + 1
    lists_all = whole or before.pointer is None or sequence % WHOLE_EVERY == 0
    listed = {} if whole or not lists_all else dict(before.entries)
    listed |= {added.path: added for added in news}
    path = ledger_file(before.dataset, run)
    content = {
        "format": FORMATS[0],
        "dataset": before.dataset,
        "run": run,
        "sequence": sequence,
        "previous": before.pointer,
        "whole": lists_all,
        "facts": dict(facts),
        "objects": [entry.as_json() for _, entry in sorted(listed.items())],
    }
    if deleted or any(entry.emptied or entry.published for entry in listed.values()):
        content |= {"format": FORMATS[1], "deleted": deleted}
    storage.write(path, json.dumps(content, indent=1, ensure_ascii=False).encode())
    return path


def _read_file(storage: Storage, path: str) -> dict[str, Any]:
    remedy = "Restore the file, or rebuild the table from staging with `--full`."
    try:
        content = json.loads(storage.read(path))
    except (OSError, ValueError) as error:
        raise RunFailed(f"the ledger cannot be read: {error}", where=path, remedy=remedy) from error
    if content.get("format") not in FORMATS:
        known = " and ".join(map(str, FORMATS))
        what = f"the ledger has format {content.get('format')}, this version reads {known}"
        raise RunFailed(what, where=path, remedy=remedy)
    return content
