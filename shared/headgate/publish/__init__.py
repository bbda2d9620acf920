"""Publish: audit what was written aside, then show it to readers in one atomic step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.publish.change import Change
from headgate.publish.difference import Difference
from headgate.publish.former import Former
from headgate.publish.iceberg import IcebergTable
from headgate.publish.parquet import ParquetTable


class Table(Protocol):
    """What a run does with a published table, whatever its format."""

    name: str

    @property
    def exists(self) -> bool:
        """True when the table has been published."""
        ...

    def pointer(self) -> str | None:
        """The ledger file that the published data points at."""
        ...

    def version(self) -> str | None:
        """What is published now: a snapshot, or a run."""
        ...

    def former(self) -> Sequence[Former]:
        """The publications before the one that readers see, the newest first, as far as they can be put back."""
        ...

    def held(self) -> str | None:
        """Why nothing may be published now; None when it may."""
        ...

    def hold(self, reason: str | None) -> None:
        """Put the table on hold, or with None let it go on."""
        ...

    def put_back(self, to: Former, reason: str) -> None:
        """Show a former publication with its ledger, and put the table on hold, in one step."""
        ...

    def stored(self) -> DataFrame | None:
        """The published rows, pinned to what is current now."""
        ...

    def difference(self) -> Difference:
        """How the contract stands to the published table."""
        ...

    def clear_leftovers(self) -> None:
        """Clear what a run that died has left."""
        ...

    def prepare(self, change: Change) -> DataFrame:
        """Write the change where no reader looks, and return the table as it would be published."""
        ...

    def discard(self) -> None:
        """Drop what was prepared."""
        ...

    def publish(self, pointer: str) -> None:
        """Show what was prepared, with its ledger, in one step."""
        ...

    def create(self, rows: DataFrame, pointer: str, *, replace: bool) -> None:
        """The first table, or a rebuilt one, with its ledger, in one step."""
        ...

    def withdraw(self) -> None:
        """Take a first table back that is not what was audited."""
        ...

    def add_columns(self, difference: Difference) -> None:
        """Bring the published columns to the contract's."""
        ...


def table_of(session: SparkSession, lake: Lake, contract: Contract, run: str) -> Table:
    """The published table of a contract."""
    kind = IcebergTable if contract.write.format == "iceberg" else ParquetTable
    return kind(session, lake, contract, run)
