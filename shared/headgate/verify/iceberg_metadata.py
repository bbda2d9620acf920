"""Read an Iceberg table's metadata file, and the earlier ones that it lists.

Format: https://iceberg.apache.org/spec/#table-metadata-fields. `refs` names branches, `metadata-log` the earlier files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class UnpublishedBranch:
    """Rows that were written to a branch and never published: the snapshot, its rows, and how long it existed."""

    branch: str
    snapshot: int
    rows: int
    written: datetime
    dropped: datetime


@dataclass(frozen=True)
class IcebergMetadata:
    """One metadata file of a table, and how to read the earlier ones."""

    content: Mapping[str, Any]
    read: Read

    @property
    def main(self) -> int | None:
        """The published snapshot."""
        return self._ref("main")

    @property
    def branches(self) -> list[str]:
        """The branches other than main."""
        return [name for name in self.content.get("refs", {}) if name != "main"]

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Name and type of each column of the current schema."""
        schemas = {schema["schema-id"]: schema for schema in self.content["schemas"]}
        fields = schemas[self.content["current-schema-id"]]["fields"]
        return [(field["name"], str(field["type"])) for field in fields]

    @property
    def last_column_id(self) -> int:
        """The highest column id ever assigned: it grows even if a column is added and dropped again."""
        return int(self.content["last-column-id"])

    def rows(self, snapshot: int) -> int:
        """Return the number of rows of a snapshot, from its summary."""
        return int(self._snapshot(snapshot)["summary"]["total-records"])

    def unpublished(self, branch: str) -> UnpublishedBranch | None:
        """Return the newest snapshot of a dropped branch that was not main's; None if no earlier file has one."""
        later = self
        for earlier in self._earlier():
            snapshot = earlier._ref(branch)
            if snapshot is not None and snapshot != earlier.main:
                written = _moment(earlier._snapshot(snapshot)["timestamp-ms"])
                dropped = _moment(later.content["last-updated-ms"])
                return UnpublishedBranch(branch, snapshot, earlier.rows(snapshot), written, dropped)
            later = earlier
        return None

    def _earlier(self) -> Iterator[IcebergMetadata]:
        for entry in reversed(self.content.get("metadata-log", [])):
            yield read_metadata(entry["metadata-file"], self.read)

    def _ref(self, name: str) -> int | None:
        return self.content.get("refs", {}).get(name, {}).get("snapshot-id")

    def _snapshot(self, snapshot: int) -> Mapping[str, Any]:
        return next(entry for entry in self.content["snapshots"] if entry["snapshot-id"] == snapshot)


def read_metadata(address: str, read: Read) -> IcebergMetadata:
    """Read the metadata file at an address."""
    return IcebergMetadata(json.loads(read(address)), read)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
