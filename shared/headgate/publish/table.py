"""The protocol of a published table: everything that a run, upkeep and `headgate query` do with it.

A table format is one subclass of `Table`, listed in `publish/formats.py`. A subclass that lacks a member cannot be
made: Python names what is missing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.publish.change import Change
from headgate.publish.difference import Difference
from headgate.publish.former import Former
from headgate.publish.maintenance import KeepRules, MaintenanceCounts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class MainMoved(Exception):
    """Another writer published between this run's reading and publishing; readers see nothing of this run."""


@dataclass(frozen=True)
class Selected:
    """A SELECT in DuckDB's SQL, and the paths of the files that it opens."""

    sql: str
    files: Sequence[str] = ()


class Published(ABC):
    """What readers see of one dataset, for `headgate query`: read from the files, without Spark."""

    dataset: str

    @abstractmethod
    def pointer(self) -> str | None:
        """The ledger file that the published data points at."""

    @abstractmethod
    def select(self, connection: DuckDBPyConnection) -> Selected:
        """How DuckDB reads the published rows; what it needs besides files is registered at the connection."""


class Table(ABC):
    """One dataset's published table, as one run works with it. Spark starts (`session`) when a member needs it."""

    def __init__(self, session: Callable[[], SparkSession], lake: Lake, contract: Contract, run: str) -> None:
        self._session, self._lake, self._contract, self._run = session, lake, contract, run

    @cached_property
    def _spark(self) -> SparkSession:
        return self._session()

    @classmethod
    @abstractmethod
    def published(cls, lake: Lake) -> Iterator[Published]:
        """Every dataset of a lake on this machine that is published in this format."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The table's name in messages."""

    @property
    @abstractmethod
    def exists(self) -> bool:
        """True when the table has been published."""

    @abstractmethod
    def pointer(self) -> str | None:
        """The ledger file that the published data points at."""

    @abstractmethod
    def version(self) -> str | None:
        """What is published now: a snapshot, or a run."""

    @abstractmethod
    def former(self) -> Sequence[Former]:
        """The publications before the one that readers see, the newest first, as far as they can be put back."""

    @abstractmethod
    def held(self) -> str | None:
        """Why nothing may be published now; None when the table is not on hold."""

    @abstractmethod
    def hold(self, reason: str | None) -> None:
        """Put the table on hold, or with None end the hold."""

    @abstractmethod
    def put_back(self, to: Former, reason: str) -> None:
        """Show a former publication with its ledger, and put the table on hold, in one step."""

    @abstractmethod
    def stored(self) -> DataFrame | None:
        """The published rows, pinned to what is current now."""

    def rows(self) -> int:
        """The number of published rows, 0 without a table; by its files alone where they prove it."""
        by_files = self.rows_by_files()
        if by_files is not None:
            return by_files
        stored = self.stored()
        return 0 if stored is None else stored.count()

    def rows_by_files(self) -> int | None:
        """The number of published rows as the table's files prove it, without Spark; None where they do not."""
        return None

    @abstractmethod
    def difference(self) -> Difference:
        """How the contract's columns and partitions differ from the published table's."""

    @abstractmethod
    def clear_leftovers(self) -> None:
        """Remove what a dead run has left. Only the holder of the dataset's lock may call this."""

    @abstractmethod
    def prepare(self, change: Change) -> DataFrame:
        """Write the change where no reader looks, and return the table as it would be published."""

    @abstractmethod
    def discard(self) -> None:
        """Drop what was prepared or staged."""

    @abstractmethod
    def publish(self, pointer: str) -> None:
        """Show what was prepared, with its ledger, in one step. Raises `MainMoved` when another writer was first."""

    @abstractmethod
    def stage(self, rows: DataFrame, *, replace: bool) -> DataFrame:
        """Write the rows of a first table, or a rebuilt one, where no reader looks, as they will be published.

        Returns them as a reader would see them. `create` shows these very files.
        """

    @abstractmethod
    def create(self, pointer: str) -> None:
        """Show what was staged, with its ledger, in one step. Raises `MainMoved` when another writer was first."""

    @abstractmethod
    def withdraw(self) -> None:
        """Take back a first table that is not what was audited."""

    @abstractmethod
    def add_columns(self, difference: Difference) -> None:
        """Add to the published table the columns that the contract has gained. Only after the audit."""

    @abstractmethod
    def maintain(self, keep: KeepRules) -> MaintenanceCounts:
        """Compact and expire; no row that readers see changes. Only the holder of the dataset's lock may call this."""
