"""Published Iceberg tables for `headgate query`: through the newest metadata file (pyiceberg), without Spark.

Never by listing the folder, which also has old, deleted and unaudited rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate.lake.ledger import POINTER
from headgate.lake.paths import Lake
from headgate.publish.duckdb_files import file_list, file_path
from headgate.publish.table import Published, Selected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class PublishedIceberg(Published):
    """A dataset's newest metadata file."""

    dataset: str
    metadata: Path

    def pointer(self) -> str | None:
        """The table property that names the ledger file."""
        return json.loads(self.metadata.read_bytes()).get("properties", {}).get(POINTER)

    def select(self, connection: DuckDBPyConnection) -> Selected:
        """DuckDB reads files that have every column of the table; pyiceberg reads all others."""
        from pyiceberg.table import StaticTable

        scan = StaticTable.from_metadata(str(self.metadata.absolute())).scan()
        tasks = list(scan.plan_files())
        if tasks and not any(task.delete_files for task in tasks) and _same_columns(scan, tasks):
            columns = ", ".join(f'"{field.name}"' for field in scan.projection().fields)
            files = [file_path(task.file.file_path) for task in tasks]
            # The values are in the files; a folder's name is not the value, but how a path spells it.
            sql = f"SELECT {columns} FROM read_parquet({file_list(files)}, hive_partitioning = false)"
            return Selected(sql, files)
        connection.register(f"_arrow_{self.dataset}", scan.to_arrow())
        return Selected(f'SELECT * FROM "_arrow_{self.dataset}"')


def published_iceberg(lake: Lake) -> Iterator[PublishedIceberg]:
    """The tables of Iceberg's Hadoop catalog."""
    for folder in sorted(Path(lake.storage.root).glob(f"{lake.catalog_folder('*')}/metadata")):
        metadata = newest_metadata(folder)
        if metadata is not None:
            yield PublishedIceberg(lake.dataset_of(folder.parent.name), metadata)


def newest_metadata(folder: Path) -> Path | None:
    """The highest `vN.metadata.json` (`version-hint.text` can lag behind it); None while a first publication writes."""
    versions = {
        int(match[1]): file for file in folder.glob("v*.metadata.json") if (match := re.match(r"v(\d+)\.", file.name))
    }
    return versions[max(versions)] if versions else None


def _same_columns(scan: Any, tasks: list[Any]) -> bool:
    """True when every file was written with as many columns as the table has: no column was added since."""
    wanted = {field.field_id for field in scan.projection().fields}
    return all(wanted <= set(task.file.value_counts or {}) for task in tasks)
