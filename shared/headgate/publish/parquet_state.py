"""The published state of a Parquet table: which folders it consists of, its columns, and its ledger."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import types as T

from headgate.contract.types import parse_type
from headgate.errors import RunFailed
from headgate.lake.paths import current_file
from headgate.lake.storage import Storage
from headgate.spark.types import spark_type

FORMAT = 1


@dataclass(frozen=True)
class Current:
    """The content of `_current.json`. `folders` maps a run to its partitions (`""` when not partitioned)."""

    dataset: str
    run: str
    ledger: str
    columns: tuple[tuple[str, str], ...]
    partition_by: tuple[str, ...]
    folders: dict[str, list[str]]
    former: tuple[str, ...] = ()  # the runs that published before, the newest first
    hold: str | None = None
    format: int = FORMAT

    @property
    def schema(self) -> T.StructType:
        """The table's columns, in order."""
        return T.StructType([T.StructField(name, spark_type(parse_type(kind))) for name, kind in self.columns])

    def as_json(self) -> bytes:
        """The state as its file holds it."""
        return json.dumps(asdict(self), indent=1).encode()


def current(storage: Storage, dataset: str) -> Current | None:
    """The published state of a Parquet table; None when nothing was published."""
    return state_at(storage, current_file(dataset))


def state_at(storage: Storage, path: str) -> Current | None:
    """The state that a file holds; None when there is no such file."""
    if not storage.exists(path):
        return None
    content: dict[str, Any] = json.loads(storage.read(path))
    if content.get("format") != FORMAT:
        raise RunFailed(f"has format {content.get('format')}, this version reads {FORMAT}", where=path)
    content["columns"] = tuple((name, kind) for name, kind in content["columns"])
    content["partition_by"], content["former"] = tuple(content["partition_by"]), tuple(content["former"])
    return Current(**content)


def rows_in_footers(table: Path, state: Current) -> int | None:
    """The rows of a state by the footers of its files; None where one cannot be read, which Spark then reports."""
    import pyarrow.parquet as pq

    try:
        folders = [table / run / part for run, parts in state.folders.items() for part in parts]
        files = [file for folder in folders for file in folder.iterdir() if file.name[0] not in "_."]
        return sum(pq.read_metadata(file).num_rows for file in files if file.is_file())
    except Exception:
        return None
