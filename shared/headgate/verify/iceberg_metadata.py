"""An Iceberg table's own account of itself: its metadata file, and those before it.

Format: https://iceberg.apache.org/spec/#table-metadata-fields. `refs` names branches; `metadata-log` the former files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Unpublished:
    """Rows that were written to a branch and never became main: which snapshot, how many rows, from when to when."""

    branch: str
    snapshot: int
    rows: int
    written: datetime
    dropped: datetime


@dataclass(frozen=True)
class TableFile:
    """One metadata file of a table, and how to read those before it."""

    said: Mapping[str, Any]
    read: Read

    @property
    def main(self) -> int | None:
        """The published snapshot."""
        return self._ref("main")

    @property
    def branches(self) -> list[str]:
        """The branches beside main."""
        return [name for name in self.said.get("refs", {}) if name != "main"]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Name and type of each column of the current schema."""
        schemas = {one["schema-id"]: one for one in self.said["schemas"]}
        fields = schemas[self.said["current-schema-id"]]["fields"]
        return [(field["name"], str(field["type"])) for field in fields]

    @property
    def ever_columns(self) -> int:
        """The highest column id ever given: it grows even when a column is added and dropped again."""
        return int(self.said["last-column-id"])

    def rows(self, snapshot: int) -> int:
        """The rows of a snapshot, as its summary counts them."""
        return int(self._snapshot(snapshot)["summary"]["total-records"])

    def unpublished(self, branch: str) -> Unpublished | None:
        """What a branch that is gone held: its newest snapshot that was not main's. None when there is no trace."""
        gone = self
        for earlier in self._earlier():
            at = earlier._ref(branch)
            if at is not None and at != earlier.main:
                written = _moment(earlier._snapshot(at)["timestamp-ms"])
                return Unpublished(branch, at, earlier.rows(at), written, _moment(gone.said["last-updated-ms"]))
            gone = earlier
        return None

    def _earlier(self) -> Iterator[TableFile]:
        for entry in reversed(self.said.get("metadata-log", [])):
            yield table_file(entry["metadata-file"], self.read)

    def _ref(self, name: str) -> int | None:
        return self.said.get("refs", {}).get(name, {}).get("snapshot-id")

    def _snapshot(self, snapshot: int) -> Mapping[str, Any]:
        return next(one for one in self.said["snapshots"] if one["snapshot-id"] == snapshot)


def table_file(address: str, read: Read) -> TableFile:
    """The metadata file at an address."""
    return TableFile(json.loads(read(address)), read)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
