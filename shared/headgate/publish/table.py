"""The protocol of a published table: everything that a run, upkeep and `headgate query` do with it.

A table format is one subclass of `Table`, listed in `publish/formats.py`. A subclass that lacks a member cannot be
made: Python names what is missing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
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


class Published(ABC):
    """What readers see of one dataset, for `headgate query`: read from the files, without Spark."""

    dataset: str

    @abstractmethod
    def select(self, connection: DuckDBPyConnection) -> str:
        """The SELECT by which DuckDB reads the published rows; what it needs is registered at the connection."""


class Table(ABC):
    """One dataset's published table, as one run works with it."""

    def __init__(self, session: SparkSession, lake: Lake, contract: Contract, run: str) -> None:
        self._spark, self._lake, self._contract, self._run = session, lake, contract, run

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
        """Drop what was prepared."""

    @abstractmethod
    def publish(self, pointer: str) -> None:
        """Show what was prepared, with its ledger, in one step. Raises `MainMoved` when another writer was first."""

    @abstractmethod
    def create(self, rows: DataFrame, pointer: str, *, replace: bool) -> None:
        """Show a first table, or a rebuilt one, with its ledger, in one step."""

    @abstractmethod
    def withdraw(self) -> None:
        """Take back a first table that is not what was audited."""

    @abstractmethod
    def add_columns(self, difference: Difference) -> None:
        """Add to the published table the columns that the contract has gained. Only after the audit."""

    @abstractmethod
    def maintain(self, keep: KeepRules) -> MaintenanceCounts:
        """Compact and expire; no row that readers see changes. Only the holder of the dataset's lock may call this."""
