"""The published state of an Iceberg table, read from its files: enough to see that a run has nothing to do.

Only for a lake on this machine, whose catalog is a folder. All that these files do not tell beyond doubt is left to
Spark, so an unreadable table ends a run with the same message as ever.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.lake.paths import Lake
from headgate.publish.iceberg_query import newest_metadata


@dataclass(frozen=True)
class IcebergState:
    """What the newest metadata file says; of a table that does not exist `exists` is false and all else empty."""

    exists: bool
    properties: Mapping[str, str] = field(default_factory=dict)
    refs: frozenset[str] = frozenset()
    snapshot: Mapping[str, Any] | None = None  # the current one
    metadata: Path | None = None

    @property
    def version(self) -> str | None:
        """The published snapshot's id."""
        return None if self.snapshot is None else str(self.snapshot["snapshot-id"])

    def rows(self) -> int | None:
        """The number of published rows; None where the files do not prove it."""
        if self.snapshot is None:
            return 0
        try:
            listed, deletes = _rows_listed(_local(self.snapshot["manifest-list"]))
            if str(listed) != self.snapshot.get("summary", {}).get("total-records"):
                return None
            return self._rows_left() if deletes else listed
        except Exception:  # Spark reports what is wrong with the files
            return None

    def _rows_left(self) -> int:
        """The rows that no delete file names: a delete file may name one of a data file that is no longer there."""
        from pyiceberg.table import StaticTable

        return StaticTable.from_metadata(str(Path(str(self.metadata)).absolute())).scan().count()


def iceberg_state(lake: Lake, dataset: str) -> IcebergState | None:
    """The state of a dataset's table; None where only Spark can tell."""
    if not lake.is_local or lake.catalog != "hadoop" or lake.options or lake.tables_at:
        return None
    folder = Path(lake.storage.root, lake.catalog_folder(dataset), "metadata")
    if not folder.is_dir():
        return IcebergState(exists=False)
    newest = newest_metadata(folder)
    if newest is None or any(folder.glob("v*.gz.metadata.json")) or any(folder.glob("v*.metadata.json.gz")):
        return None
    try:
        return _state(json.loads(newest.read_bytes()), newest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _state(metadata: Mapping[str, Any], file: Path) -> IcebergState:
    current = metadata.get("current-snapshot-id")
    snapshots = {snapshot["snapshot-id"]: snapshot for snapshot in metadata.get("snapshots", ())}
    snapshot = None if current in (None, -1) else snapshots[current]
    return IcebergState(True, dict(metadata["properties"]), frozenset(metadata.get("refs", {})), snapshot, file)


def _rows_listed(manifest_list: Path) -> tuple[int, bool]:
    """The rows of a snapshot's data files by its manifests, each of which must be there in full, and whether it has
    delete files. Raises where that is not certain."""
    from pyiceberg.manifest import ManifestContent, read_manifest_list

    rows, deletes = 0, False
    for manifest in read_manifest_list(_input(manifest_list)):
        if _local(manifest.manifest_path).stat().st_size != manifest.manifest_length:
            raise ValueError(f"{manifest.manifest_path} is cut short")
        listed = int(manifest.added_rows_count or 0) + int(manifest.existing_rows_count or 0)
        if manifest.content == ManifestContent.DATA:
            rows += listed
        else:
            deletes = deletes or listed > 0
    return rows, deletes


def _input(file: Path) -> Any:
    """A file as pyiceberg opens it: its own way loads pyarrow and pandas first."""
    from pyiceberg.io import InputFile

    class Input(InputFile):
        def __len__(self) -> int:
            return file.stat().st_size

        def exists(self) -> bool:
            return file.exists()

        def open(self, seekable: bool = True) -> Any:
            return file.open("rb")

    return Input(str(file))


def _local(uri: str) -> Path:
    """The file behind a location that Hadoop wrote: `file:/folder`, not percent-encoded, or a plain path."""
    return Path(uri.removeprefix("file://").removeprefix("file:"))
