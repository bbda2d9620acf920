"""The table formats: one class for each word that a contract may write as `write.format`."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.publish.iceberg import IcebergTable
from headgate.publish.parquet import ParquetTable
from headgate.publish.table import Published, Table

FORMATS: dict[str, type[Table]] = {"iceberg": IcebergTable, "parquet": ParquetTable}


def table_of(session: Callable[[], SparkSession], lake: Lake, contract: Contract, run: str) -> Table:
    """The published table of a contract; `session` is called when it needs Spark."""
    return FORMATS[contract.write.format](session, lake, contract, run)


def published(lake: Lake) -> dict[str, Published]:
    """Every published dataset of a lake on this machine, as readers see it."""
    return {table.dataset: table for table_format in FORMATS.values() for table in table_format.published(lake)}
