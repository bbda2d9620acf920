"""Publish into Iceberg: write to a branch, audit, then show everything in one atomic step.

A branch is written by its identifier (never `spark.wap.branch`, whose session reads unaudited rows) and published by
one transaction that fast-forwards main, points at the ledger, and removes the branch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.lake.folders import remove_empty_folders
from headgate.lake.ledger import POINTER
from headgate.lake.paths import Lake
from headgate.publish.change import Change, published_columns
from headgate.publish.difference import Difference, compare
from headgate.publish.former import REMEMBERED, Former
from headgate.publish.iceberg_maintenance import maintain_iceberg
from headgate.publish.iceberg_query import PublishedIceberg, published_iceberg
from headgate.publish.iceberg_schema import lost_fields
from headgate.publish.iceberg_staged import STATE_UNKNOWN, StagedTable
from headgate.publish.iceberg_state import IcebergState, iceberg_state
from headgate.publish.iceberg_write import write_change
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.publish.table import MainMoved, Table

PARTITIONS = "headgate.partition_by"
CONTRACT = "headgate.contract"
FORMER = "headgate.former"  # [[ledger pointer, snapshot id], …], the newest first
HOLD = "headgate.hold"  # why nothing may be published now


class IcebergTable(Table):
    """One dataset's table. Every method reads the table's state again: none relies on an old one."""

    def __init__(self, session: Callable[[], SparkSession], lake: Lake, contract: Contract, run: str) -> None:
        super().__init__(session, lake, contract, run)
        self._branch = f"run_{run.replace('-', '_').lower()}"
        self._base: int | None = None
        self._staged: StagedTable | None = None
        self._replaces = False  # whether what is staged replaces a published table

    @classmethod
    def published(cls, lake: Lake) -> Iterator[PublishedIceberg]:
        """Every dataset that has a table in the lake's catalog."""
        return published_iceberg(lake)

    @property
    def name(self) -> str:
        """The table as Spark names it."""
        return self._lake.spark_table(self._contract.dataset)

    @property
    def exists(self) -> bool:
        """True when the table has been published."""
        seen = self._by_files()
        return bool(self._spark.catalog.tableExists(self.name)) if seen is None else seen.exists

    def pointer(self) -> str | None:
        """The ledger file that the published data points at."""
        if not self.exists:
            return None
        pointer = self._properties_now().get(POINTER)
        if pointer is None:
            remedy = "Drop it or move it away, or use another lake; Headgate publishes only into tables it has made."
            raise RunFailed("the table exists and carries no ledger of Headgate", where=self.name, remedy=remedy)
        return str(pointer)

    def version(self) -> str | None:
        """The published snapshot's id."""
        seen = self._by_files()
        if seen is not None:
            return seen.version
        snapshot = self._java().currentSnapshot() if self.exists else None
        return str(snapshot.snapshotId()) if snapshot is not None else None

    def former(self) -> list[Former]:
        """The publications before this one whose snapshots are still there, the newest first."""
        if not self.exists:
            return []
        there = {str(snapshot.snapshotId()) for snapshot in self._java().snapshots()}
        return [former for former in self._remembered() if former.version in there]

    def _remembered(self) -> list[Former]:
        return [Former(*fields) for fields in json.loads(self._java().properties().get(FORMER) or "[]")]

    def held(self) -> str | None:
        """Why nothing may be published now; None when the table is not on hold."""
        return self._properties_now().get(HOLD) if self.exists else None

    def hold(self, reason: str | None) -> None:
        """Put the table on hold, or with None end the hold."""
        change = self._java().updateProperties()
        (change.set(HOLD, reason) if reason else change.remove(HOLD)).commit()

    def put_back(self, to: Former, reason: str) -> None:
        """Make a former snapshot main again, with its ledger, and put the table on hold, in one transaction."""
        lost = self._columns_lost_since(to.version)
        if lost:
            what = f"the table no longer has columns that {to.run} published: {', '.join(lost)}"
            remedy = "Restore the contract that it was published under, and rebuild with `--full`."
            raise RunFailed(what, where=self.name, remedy=remedy)
        remembered = self._remembered()
        with _main_moved_if_so(self.name):
            transaction = self._java().newTransaction()
            properties = transaction.updateProperties().set(POINTER, to.pointer).set(HOLD, reason)
            properties.set(FORMER, _listed(remembered[remembered.index(to) + 1 :])).commit()
            transaction.manageSnapshots().setCurrentSnapshot(int(to.version)).commit()
            transaction.commitTransaction()

    def _columns_lost_since(self, version: str) -> list[str]:
        """Columns and fields of a snapshot that the table no longer has: they would read as null."""
        table = self._java()
        then = table.schemas().get(table.snapshot(int(version)).schemaId())
        return lost_fields(self._spark._jvm, then, table.schema())

    def stored(self) -> DataFrame | None:
        """The published rows, pinned to the snapshot that is current now."""
        self._base = None
        version = self.version()
        if version is None:
            return self._spark.table(self.name) if self.exists else None
        self._base = int(version)
        return self._spark.read.option("snapshot-id", version).table(self.name)

    def rows_by_files(self) -> int | None:
        """The number of published rows by the manifests of the current snapshot."""
        seen = self._by_files()
        return None if seen is None else seen.rows()

    def difference(self) -> Difference:
        """How the contract's columns and partitions differ from the published table's."""
        schema = self._spark.table(self.name).schema
        partitions = json.loads(self._java().properties().get(PARTITIONS) or "[]")
        return compare(schema, self._contract, partitions)

    def clear_leftovers(self) -> None:
        """Drop branches, and files of a first table, that dead runs left. Only the holder of the lock may call this.

        In a bucket such files stay until `maintain` finds them beside the published table: no lock says whose they are.
        """
        for name in self._branches_of_runs():
            self._spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{name}`")
        if self._is_folder and self._was_staged() and not self.exists:
            self._lake.storage.delete(self._lake.catalog_folder(self._contract.dataset))

    def _was_staged(self) -> bool:
        """True when a run died that had begun to write files of a first table."""
        marks = self._lake.staged_mark("*", self._contract.dataset)
        return any(Path(self._lake.storage.root).glob(marks))

    def _branches_of_runs(self) -> list[str]:
        if not self.exists:
            return []
        seen = self._by_files()
        names = seen.refs if seen is not None else map(str, self._java().refs().keySet().toArray())
        return sorted(name for name in names if name.startswith("run_"))

    def prepare(self, change: Change) -> DataFrame:
        """Write the change to a branch and return the table as it would be published."""
        with _main_moved_if_so(self.name):
            self._spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{self._branch}`")
        if self.version() != (str(self._base) if self._base else None):
            raise MainMoved(self.name)
        with _main_moved_if_so(self.name):
            self._spark.sql(f"ALTER TABLE {self.name} CREATE BRANCH `{self._branch}`")
            write_change(self._spark, self._at_branch, change, self._contract)
        return self._spark.table(self._at_branch)

    def discard(self) -> None:
        """Drop the branch and what was staged; published data was never touched.

        If others commit meanwhile, the next run drops the branch.
        """
        staged, self._staged = self._staged, None
        with suppress(MainMoved), _main_moved_if_so(self.name):
            if self.exists:
                self._spark.sql(f"ALTER TABLE {self.name} DROP BRANCH IF EXISTS `{self._branch}`")
        if staged is not None and not (self.exists and staged.is_in(self._java())):
            staged.remove_files()
            if self._is_folder:
                remove_empty_folders(self._folder)

    def publish(self, pointer: str) -> None:
        """Make the branch main, with its ledger, in one transaction. Raises `MainMoved` when main is not its base."""
        if self.version() != (str(self._base) if self._base else None):
            raise MainMoved(self.name)
        with _main_moved_if_so(self.name):
            transaction = self._java().newTransaction()
            properties = transaction.updateProperties()
            for key, setting in self._properties(pointer).items():
                properties.set(key, setting)
            properties.commit()
            transaction.manageSnapshots().fastForwardBranch("main", self._branch).removeBranch(self._branch).commit()
            transaction.commitTransaction()

    def stage(self, rows: DataFrame, *, replace: bool) -> DataFrame:
        """Write the table's files and begin a transaction that will name them; no reader sees any of it."""
        if self._is_folder and not replace:
            self._lake.storage.write(self._lake.staged_mark(self._run, self._contract.dataset), b"")
        self._spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {self.name.rsplit('.', 1)[0]}")
        rows = rows.select(*published_columns(self._contract))
        # Iceberg's Hadoop catalog chooses the folder; in other catalogs it is named after the dataset.
        hadoop = self._lake.catalog == "hadoop"
        place = {} if hadoop else {"location": f"{self._lake.warehouse}/{self._contract.dataset}"}
        self._replaces, self._staged = replace, StagedTable(self._spark, self.name)
        with _main_moved_if_so(self.name):
            self._staged.begin(rows, self._contract.partition_by, {**self._settings(), **place}, replace=replace)
        return self._staged.write(rows)

    def create(self, pointer: str) -> None:
        """Commit what was staged: rows, columns, partitions and ledger appear in one step, by metadata alone."""
        if self._staged is None:
            raise RunFailed("nothing was staged", where=self.name)
        if self._replaces and self.version() != (str(self._base) if self._base else None):
            raise MainMoved(self.name)
        with _main_moved_if_so(self.name):
            self._staged.show(self._publication(pointer))

    def withdraw(self) -> None:
        """Drop a first table that is not what was audited."""
        self._spark.sql(f"DROP TABLE IF EXISTS {self.name} PURGE")

    def add_columns(self, difference: Difference) -> None:
        """Add the contract's new columns to the published table. Only after the audit: readers see them at once."""
        for statement in difference.statements(self.name):
            self._spark.sql(statement)

    def maintain(self, keep: KeepRules) -> MaintenanceCounts:
        """Drop old branches, compact small files, expire old snapshots, remove orphans."""
        return maintain_iceberg(self._spark, self.name, keep, alone=self._lake.is_local)

    @property
    def _at_branch(self) -> str:
        return f"{self.name}.`branch_{self._branch}`"

    def _by_files(self) -> IcebergState | None:
        return iceberg_state(self._lake, self._contract.dataset)

    def _properties_now(self) -> Mapping[str, str]:
        seen = self._by_files()
        return self._java().properties() if seen is None else seen.properties

    def _java(self) -> Any:
        return self._iceberg.loadIcebergTable(self._spark._jsparkSession, self.name)

    @cached_property
    def _iceberg(self) -> Any:
        # A statement loads the lake's catalog by this session's settings; a call past Spark SQL would look for them in
        # the session that was active last.
        self._spark.catalog.tableExists(self.name)
        jvm: Any = self._spark._jvm
        return jvm.org.apache.iceberg.spark.Spark3Util

    def _properties(self, pointer: str) -> dict[str, str]:
        return {**self._settings(), **self._publication(pointer)}

    def _publication(self, pointer: str) -> dict[str, str]:
        """What each publication sets."""
        return {POINTER: pointer, FORMER: _listed(self._becoming_former())}

    def _settings(self) -> dict[str, str]:
        """What the contract says of the table."""
        return {
            CONTRACT: self._contract.hash,
            PARTITIONS: json.dumps(list(self._contract.partition_by)),
            "comment": self._contract.description,
            "format-version": "2",
            "write.parquet.compression-codec": "zstd",
            "write.merge.mode": "merge-on-read" if self._contract.write.merge_on_read else "copy-on-write",
        }

    def _becoming_former(self) -> list[Former]:
        """What a rollback can put back after the next publication."""
        pointer, version = self.pointer(), self.version()
        if pointer is None or version is None:
            return []
        return [Former(pointer, version), *self._remembered()][:REMEMBERED]

    @property
    def _is_folder(self) -> bool:
        """True when the table is a folder of this lake, on this machine."""
        return self._lake.is_local and self._lake.catalog == "hadoop" and not self._lake.tables_at

    @property
    def _folder(self) -> Path:
        return Path(self._lake.storage.root, self._lake.catalog_folder(self._contract.dataset))


# Iceberg's messages when another writer was first: at a commit, at a fast-forward, at the creation of a table.
_ANOTHER_WAS_FIRST = (
    "CommitFailedException",
    "not an ancestor",
    "Table already exists",
    "TABLE_OR_VIEW_ALREADY_EXISTS",
)


@contextmanager
def _main_moved_if_so(name: str) -> Iterator[None]:
    """Raise `MainMoved` for the errors by which Iceberg reports that another writer was first, from Py4J or Spark."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        message = str(error)
        known = any(words in message for words in _ANOTHER_WAS_FIRST)
        if known and STATE_UNKNOWN not in message:  # ours may be visible, and must not be published again
            raise MainMoved(name) from error
        raise


def _listed(former: Sequence[Former]) -> str:
    return json.dumps([[publication.pointer, publication.version] for publication in former])
