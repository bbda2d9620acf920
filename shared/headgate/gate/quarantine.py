"""Quarantine: refused rows with their reasons and their texts, kept under the run that refused them."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.columns import ARRIVAL, OBJECT, REASONS, RECORD, VALUES
from headgate.lake.paths import Lake, quarantine_of_run

_LISTED = 100  # reasons that are counted
COLUMNS = (OBJECT, ARRIVAL, RECORD, REASONS, VALUES)


def place(lake: Lake, dataset: str, run: str) -> str:
    """The folder of one run's refused rows."""
    return lake.place(quarantine_of_run(dataset, run))


def keep_refused(refused: DataFrame, lake: Lake, dataset: str, run: str) -> None:
    """Write the refused rows of a run; the folder's name carries the run, so that a reader sees `_run`."""
    refused.select(*COLUMNS).coalesce(1).write.mode("overwrite").parquet(place(lake, dataset, run))


def refusing_reasons(refused: DataFrame) -> list[tuple[str, int]]:
    """Each reason with the number of rows that it refused, the most frequent first."""
    each = refused.select(F.explode(REASONS).alias("reason")).groupBy("reason").count()
    return [(row["reason"], row["count"]) for row in each.orderBy(F.desc("count"), "reason").limit(_LISTED).collect()]
