"""Acknowledge files that gave a dataset no row, wherever its lake is."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.lake.acknowledged import acknowledge
from headgate.lake.ledger import Entry, read_ledger
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.spark.errors import explained
from headgate.upkeep.rollback import published_table


def acknowledge_waiting(spark: SparkSession, lake: Lake, contract: Contract, paths: Sequence[str]) -> list[Entry]:
    """Acknowledge the refused and emptied files of these paths, or all of the dataset; returns them.

    Raises `RunFailed` for a dataset that was never published, `UnusableArgument` for a path that does not wait.
    """
    table = published_table(spark, lake, contract)
    with explained(contract, lake), writing(lake, contract.dataset):
        ledger = read_ledger(lake.storage, contract.dataset, table.pointer())
        return acknowledge(lake.storage, ledger, paths)
