"""Published Parquet tables for `headgate query`: the folders that `_current.json` names, without Spark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headgate.lake.paths import Lake, current_file, table_folder
from headgate.publish.duckdb_files import file_list
from headgate.publish.parquet_state import Current, current
from headgate.publish.table import Published, Selected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_DUCKDB = {"string": "VARCHAR", "int": "INTEGER", "timestamp_ntz": "TIMESTAMP", "timestamp": "TIMESTAMPTZ"}


@dataclass(frozen=True)
class PublishedParquet(Published):
    """A dataset's published state, and the folder of its table."""

    dataset: str
    folder: Path
    state: Current

    def pointer(self) -> str | None:
        """The ledger file that `_current.json` names."""
        return self.state.ledger

    def select(self, connection: DuckDBPyConnection) -> Selected:
        """Partition columns have their values in the folders' names, all others in the files."""
        columns = ", ".join(f'"{name}"' for name, _ in self.state.columns)
        folders = [self.folder / run / part for run, parts in self.state.folders.items() for part in parts]
        files = sorted(str(file) for folder in folders for file in folder.glob("*.parquet"))
        if not files:
            nothing = ", ".join(f'NULL AS "{name}"' for name, _ in self.state.columns)
            return Selected(f"SELECT {nothing} WHERE false")
        read = f"read_parquet({file_list(files)}{self._partitioning()}, union_by_name = true)"
        return Selected(f"SELECT {columns} FROM {read}", files)

    def _partitioning(self) -> str:
        kinds = {name: kind for name, kind in self.state.columns if name in self.state.partition_by}
        types = ", ".join(f"'{name}': {_DUCKDB.get(kind, kind.upper())}" for name, kind in kinds.items())
        return f", hive_partitioning = true, hive_types = {{{types}}}" if types else ", hive_partitioning = false"


def published_parquet(lake: Lake) -> Iterator[PublishedParquet]:
    """The tables that have a published state."""
    root = Path(lake.storage.root)
    for file in sorted(root.glob(current_file("*"))):
        dataset = file.parent.name
        state = current(lake.storage, dataset)
        if state is not None:
            yield PublishedParquet(dataset, root / table_folder(dataset), state)
