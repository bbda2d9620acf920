"""Publish into plain Parquet: run-scoped folders in Hive's layout, then one pointer is renamed into place.

    data-warehouse/<dataset>/<run>/<column>=<value>/part-….parquet
    data-warehouse/<dataset>/_current.json      which folders are the table, its columns, its ledger
    states/<dataset>/<run>.json                 the same of each publication, for a rollback

A run writes the partitions it touches, whole, into its own folder; `_current.json` names for every partition the
folder that holds it. Dynamic partition overwrite is not used: S3A's committers refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import ACTION, OBJECT
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.paths import Lake, current_file, state_file, table_folder
from headgate.lake.uris import literal
from headgate.publish.align import with_added_fields
from headgate.publish.change import Change, published_columns, published_types
from headgate.publish.difference import Difference, compare
from headgate.publish.former import REMEMBERED, Former
from headgate.publish.hive import locations, switch
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.publish.parquet_maintenance import maintain_parquet
from headgate.publish.parquet_query import PublishedParquet, published_parquet
from headgate.publish.parquet_state import Current, current, rows_in_footers, state_at
from headgate.publish.table import Table


class ParquetTable(Table):
    """One dataset's table in plain Parquet."""

    def __init__(self, session: Callable[[], SparkSession], lake: Lake, contract: Contract, run: str) -> None:
        super().__init__(session, lake, contract, run)
        self._root = table_folder(contract.dataset)
        self._next: Current | None = None

    @classmethod
    def published(cls, lake: Lake) -> Iterator[PublishedParquet]:
        """Every dataset that has a published state."""
        return published_parquet(lake)

    @property
    def name(self) -> str:
        """The table as Athena names it."""
        return self._lake.table(self._contract.dataset)

    @property
    def exists(self) -> bool:
        """True when the table has been published."""
        return self._current() is not None

    def pointer(self) -> str | None:
        """The ledger file that the published data points at."""
        state = self._current()
        return state.ledger if state else None

    def version(self) -> str | None:
        """The run that published last."""
        state = self._current()
        return state.run if state else None

    def former(self) -> list[Former]:
        """The publications before this one whose states are still there, the newest first."""
        state = self._current()
        states = [state_at(self._lake.storage, self._state_file(run)) for run in state.former] if state else []
        return [Former(past.ledger, past.run) for past in states if past is not None]

    def held(self) -> str | None:
        """Why nothing may be published now; None when the table is not on hold."""
        state = self._current()
        return state.hold if state else None

    def hold(self, reason: str | None) -> None:
        """Put the table on hold, or with None end the hold."""
        if (state := self._current()) is not None:
            self._point_at(replace(state, hold=reason))

    def put_back(self, to: Former, reason: str) -> None:
        """Show a former state again, with its ledger, and put the table on hold, by one rename."""
        state = state_at(self._lake.storage, self._state_file(to.version))
        if state is None:
            raise RunFailed(f"the state of {to.run} is gone", where=self.name)
        if self._lake.catalog == "glue":
            self._switch_in_glue(state, to.pointer)
        self._point_at(replace(state, hold=reason))

    def stored(self) -> DataFrame | None:
        """The published rows, pinned to the folders that are current now."""
        state = self._current()
        return self.rows_of(state) if state else None

    def rows_of(self, state: Current) -> DataFrame:
        """The rows of a state, read folder by folder with the table's own columns."""
        frames = [self._folder(run, partitions, state) for run, partitions in state.folders.items()]
        if not frames:
            return self._spark.createDataFrame([], state.schema)
        first, *others = frames
        for other in others:
            first = first.unionByName(other)
        return first.select(*(name for name, _ in state.columns))

    def rows_by_files(self) -> int | None:
        """The number of published rows by the footers of the files, on this machine."""
        state = self._current()
        if not self._lake.is_local:
            return None
        return rows_in_footers(Path(self._lake.storage.root, self._root), state) if state else 0

    def difference(self) -> Difference:
        """How the contract's columns and partitions differ from the published table's."""
        state = self._current()
        if state is None:
            raise RunFailed("is not published", where=self.name)
        return compare(state.schema, self._contract, state.partition_by)

    def clear_leftovers(self) -> None:
        """Nothing to do: a folder that `_current.json` does not name is not part of the table."""

    def prepare(self, change: Change) -> DataFrame:
        """Write the touched partitions into this run's folder and return the table as it would be published."""
        state = None if change.whole else self._current()
        rows = change.writing(self._contract).drop(ACTION)
        if state is None:
            return self.stage(rows, replace=True)
        touched, survivors = self._touched(state, change.unwatched().writing(self._contract), change)
        survivors = with_added_fields(survivors, published_types(self._contract))
        self._write(survivors.unionByName(rows, allowMissingColumns=True))
        self._next = self._state(_without(state.folders, touched))
        return self.rows_of(self._next)

    def discard(self) -> None:
        """Remove this run's folder when it was not published."""
        if self.version() != self._run:
            self._lake.storage.delete(f"{self._root}/{self._run}")

    def publish(self, pointer: str) -> None:
        """Rename the new state into place: rows, columns and ledger appear in one step. In Glue see `hive.py`."""
        if self._next is None:
            raise RunFailed("nothing was prepared", where=self.name)
        if self._lake.catalog == "glue":
            self._switch_in_glue(self._next, pointer)
        before = self._current()
        former = (before.run, *before.former)[:REMEMBERED] if before else ()
        self._point_at(replace(self._next, ledger=pointer, former=former))

    def _point_at(self, state: Current) -> None:
        """Make this the published state; its own file first, so that a rollback finds what readers have seen."""
        self._lake.storage.write(self._state_file(state.run), state.as_json())
        self._lake.storage.write(current_file(self._contract.dataset), state.as_json())

    def _state_file(self, run: str) -> str:
        return state_file(self._contract.dataset, run)

    def _switch_in_glue(self, state: Current, pointer: str) -> None:
        import boto3

        root = self._lake.storage.uri(self._root)
        at = locations(root, state.folders)
        table = self._lake.prefix + self._contract.dataset
        glue = boto3.client("glue")
        switch(glue, self._lake.database, table, state.columns, state.partition_by, at, root, pointer)

    def stage(self, rows: DataFrame, *, replace: bool) -> DataFrame:
        """Write the rows into this run's folder, which `_current.json` does not name."""
        self._write(rows)
        self._next = self._state({})
        return self.rows_of(self._next)

    def create(self, pointer: str) -> None:
        """Show what was staged."""
        self.publish(pointer)

    def withdraw(self) -> None:
        """Remove the pointer of a first table that is not what was audited, then its folder."""
        self._lake.storage.delete(current_file(self._contract.dataset))
        self.discard()

    def add_columns(self, difference: Difference) -> None:
        """Nothing to do: `_current.json` holds the columns and changes with every publication."""

    def maintain(self, keep: KeepRules) -> MaintenanceCounts:
        """Remove the folders and states that no publication needs."""
        return maintain_parquet(self._lake.storage, self._contract.dataset, keep)

    def _current(self) -> Current | None:
        return current(self._lake.storage, self._contract.dataset)

    def _write(self, rows: DataFrame) -> None:
        columns = published_columns(self._contract)
        by = list(self._contract.partition_by)
        frame = rows.select(*columns)
        frame = frame.repartition(*by) if by else frame
        frame.write.mode("overwrite").partitionBy(*by).parquet(self._lake.place(f"{self._root}/{self._run}"))

    def _state(self, kept: dict[str, list[str]]) -> Current:
        root = f"{self._root}/{self._run}/"
        files = [file.path[len(root) :] for file in self._lake.storage.list(root) if file.path.endswith(".parquet")]
        ours = sorted({path.rpartition("/")[0] for path in files})
        folders = {**kept, self._run: ours} if ours else kept
        columns = tuple(published_types(self._contract))
        return Current(self._contract.dataset, self._run, "", columns, self._contract.partition_by, folders)

    def _folder(self, run: str, partitions: Sequence[str], state: Current) -> DataFrame:
        base = self._lake.place(f"{self._root}/{run}")
        paths = [literal(f"{base}/{part}" if part else base) for part in partitions]
        # The partition columns are in the folders' names, all others in the files.
        return self._spark.read.schema(state.schema).option("basePath", base).parquet(*paths)

    def _touched(self, state: Current, rows: DataFrame, change: Change) -> tuple[set[tuple[str, str]], DataFrame]:
        """The (run, partition) folders that this change rewrites, and their rows that stay."""
        stored = self.rows_of(state).withColumn("_at", F.input_file_name())
        replaced = F.col(OBJECT).isin(*change.replaced_objects) if change.replaced_objects else F.lit(False)
        by = list(self._contract.partition_by)
        if by:
            values = rows.select(*by).unionByName(stored.where(replaced).select(*by)).distinct()
            match = [F.col(f"s.{c}").eqNullSafe(F.col(f"v.{c}")) for c in by]
            stored = stored.alias("s").join(F.broadcast(values.alias("v")), match, "left_semi")
        at = {str(row["_at"]) for row in stored.select("_at").distinct().collect()}
        return {self._placed(uri) for uri in at}, stored.where(~replaced).drop("_at")

    def _placed(self, uri: str) -> tuple[str, str]:
        inside = unquote(uri).partition(f"/{self._root}/")[2]
        run, _, rest = inside.partition("/")
        return run, rest.rpartition("/")[0]


def _without(folders: dict[str, list[str]], touched: set[tuple[str, str]]) -> dict[str, list[str]]:
    kept = {run: [part for part in parts if (run, part) not in touched] for run, parts in folders.items()}
    return {run: parts for run, parts in kept.items() if parts}
