"""A toy table format, complete in this one class: each publication is a folder of JSON lines, named after its run.

`data-warehouse/toy/<dataset>.json` lists the publications, the newest first, and the reason of a hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection
from pyspark.sql import DataFrame

from headgate.lake.paths import Lake
from headgate.publish.change import Change, published_types
from headgate.publish.difference import Difference, compare
from headgate.publish.duckdb_files import file_list
from headgate.publish.former import Former
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.publish.table import Published, Selected, Table


@dataclass(frozen=True)
class PublishedJsonLines(Published):
    dataset: str
    folder: Path

    def pointer(self) -> str | None:
        file = self.folder.parent.with_suffix(".json")
        return str(json.loads(file.read_text())["publications"][0][0])

    def select(self, connection: DuckDBPyConnection) -> Selected:
        files = [str(file) for file in self.folder.glob("*.json")]
        return Selected(f"SELECT * FROM read_json_auto({file_list(files)})", files)


class JsonLinesTable(Table):
    @classmethod
    def published(cls, lake: Lake) -> Iterator[PublishedJsonLines]:
        for file in Path(lake.storage.root).glob("data-warehouse/toy/*.json"):
            _, run = json.loads(file.read_text())["publications"][0]
            yield PublishedJsonLines(file.stem, file.with_suffix("") / run)

    @property
    def name(self) -> str:
        return f"data-warehouse/toy/{self._contract.dataset}"

    @property
    def exists(self) -> bool:
        return bool(self._publications())

    def pointer(self) -> str | None:
        return self._publications()[0].pointer if self.exists else None

    def version(self) -> str | None:
        return self._publications()[0].version if self.exists else None

    def former(self) -> list[Former]:
        return self._publications()[1:]

    def held(self) -> str | None:
        return self._state()["hold"]

    def hold(self, reason: str | None) -> None:
        self._keep(self._publications(), reason)

    def put_back(self, to: Former, reason: str) -> None:
        publications = self._publications()
        self._keep(publications[publications.index(to) :], reason)

    def stored(self) -> DataFrame | None:
        version = self.version()
        return self._rows(version) if version else None

    def difference(self) -> Difference:
        return compare(self._rows(str(self.version())).schema, self._contract, self._contract.partition_by)

    def clear_leftovers(self) -> None:
        for run in self._runs() - {publication.version for publication in self._publications()}:
            self._lake.storage.delete(f"{self.name}/{run}")

    def prepare(self, change: Change) -> DataFrame:
        rows = change.proposed(self.stored(), self._contract)
        rows.write.mode("overwrite").json(self._lake.place(f"{self.name}/{self._run}"))
        return self._rows(self._run)

    def discard(self) -> None:
        if self.version() != self._run:
            self._lake.storage.delete(f"{self.name}/{self._run}")

    def publish(self, pointer: str) -> None:
        self._keep([Former(pointer, self._run), *self._publications()], None)

    def stage(self, rows: DataFrame, *, replace: bool) -> DataFrame:
        rows.write.mode("overwrite").json(self._lake.place(f"{self.name}/{self._run}"))
        return self._rows(self._run)

    def create(self, pointer: str) -> None:
        self.publish(pointer)

    def withdraw(self) -> None:
        self._lake.storage.delete(f"{self.name}.json")

    def add_columns(self, difference: Difference) -> None:
        """Nothing to do: every publication has its own columns."""

    def maintain(self, keep: KeepRules) -> MaintenanceCounts:
        """The toy keeps the newest publication only."""
        counts = MaintenanceCounts(folders_removed=len(self._runs()) - 1)
        self._keep(self._publications()[:1], self.held())
        self.clear_leftovers()
        return counts

    def _rows(self, run: str) -> DataFrame:
        schema = ", ".join(f"`{name}` {ddl}" for name, ddl in published_types(self._contract))
        return self._spark.read.schema(schema).json(self._lake.place(f"{self.name}/{run}"))

    def _runs(self) -> set[str]:
        return {stored.path.split("/")[3] for stored in self._lake.storage.list(f"{self.name}/")}

    def _publications(self) -> list[Former]:
        return [Former(*fields) for fields in self._state()["publications"]]

    def _state(self) -> dict[str, Any]:
        file = f"{self.name}.json"
        if not self._lake.storage.exists(file):
            return {"publications": [], "hold": None}
        return json.loads(self._lake.storage.read(file))

    def _keep(self, publications: list[Former], hold: str | None) -> None:
        state = {"publications": [[former.pointer, former.version] for former in publications], "hold": hold}
        self._lake.storage.write(f"{self.name}.json", json.dumps(state).encode())
