"""Publish: audit what was written aside, then show it to readers in one atomic step."""

from __future__ import annotations

from typing import Protocol

from pyspark.sql import DataFrame, SparkSession

from headgate.contract.model import Contract
from headgate.lake import Lake
from headgate.publish.change import Change
from headgate.publish.iceberg import IcebergTable
from headgate.publish.parquet import ParquetTable
from headgate.publish.schema import Difference


class Table(Protocol):
    """What a run does with a published table, whatever its format."""

    name: str

    @property
    def exists(self) -> bool: ...
    def pointer(self) -> str | None: ...
    def version(self) -> str | None: ...
    def stored(self) -> DataFrame | None: ...
    def difference(self) -> Difference: ...
    def tidy(self) -> None: ...
    def prepare(self, change: Change) -> DataFrame: ...
    def discard(self) -> None: ...
    def publish(self, pointer: str) -> None: ...
    def create(self, rows: DataFrame, pointer: str, *, replace: bool) -> None: ...
    def add_columns(self, difference: Difference) -> None: ...


def table_of(session: SparkSession, lake: Lake, contract: Contract, run: str) -> Table:
    """The published table of a contract."""
    kind = IcebergTable if contract.write.format == "iceberg" else ParquetTable
    return kind(session, lake, contract, run)
