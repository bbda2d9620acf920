"""What the steps of one dataset's refining share."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.lake.paths import Lake
from headgate.lake.storage import Storage
from headgate.outcome import Outcome
from headgate.publish import Table
from headgate.request import RunRequest


@dataclass
class Refinery:
    """One dataset in one run: what its steps share."""

    session: SparkSession
    lake: Lake
    source: Storage
    contract: Contract
    request: RunRequest
    outcome: Outcome
    table: Table

    @property
    def work(self) -> str:
        """The folder of what is written aside."""
        return self.lake.work(self.request.run, self.contract.dataset)
