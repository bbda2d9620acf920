"""maintain: compaction, expiry, and what runs that died have left; what readers see does not change by a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import HeadgateError
from headgate.gate.judged import clear_leftovers
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.publish import table_of
from headgate.publish.iceberg_maintenance import care_for_iceberg
from headgate.publish.maintenance import Care, Keep
from headgate.publish.parquet_maintenance import care_for_parquet
from headgate.spark.errors import explained

KEEP_DAYS = 7  # former publications can be put back for so long


@dataclass
class Kept:
    """What maintenance came to: `maintained`, `absent` (the table was never published), or `failed` with its error."""

    dataset: str
    status: str
    care: Care
    error: HeadgateError | None = None


def maintain(
    spark: SparkSession,
    lake: Lake,
    contracts: Sequence[Contract],
    days: int = KEEP_DAYS,
    log: Callable[..., None] = lambda step, **facts: None,
) -> list[Kept]:
    """Maintain the tables of these contracts, one after the other; one that fails does not stop the others."""
    keep = Keep(datetime.now(UTC), days)
    found: list[Kept] = []
    for contract in contracts:
        log("maintain", dataset=contract.dataset)
        try:
            kept = _one(spark, lake, contract, keep)
        except HeadgateError as error:
            kept = Kept(contract.dataset, "failed", Care(), error)
        log("done", dataset=contract.dataset, status=kept.status, **kept.care.counts())
        found.append(kept)
    return found


def _one(spark: SparkSession, lake: Lake, contract: Contract, keep: Keep) -> Kept:
    session = lake.session(spark)
    table = table_of(session, lake, contract, "maintain")
    with explained(contract, lake), writing(lake, contract.dataset):
        if lake.is_local:  # in a bucket, rules of the bucket do this
            clear_leftovers(lake, contract.dataset)
            _forget(lake, f"quarantine/{contract.dataset}/", keep.now, contract.retention.quarantine_days)
        if not table.exists:
            return Kept(contract.dataset, "absent", Care())
        if contract.write.format == "parquet":
            return Kept(contract.dataset, "maintained", care_for_parquet(lake.storage, contract.dataset, keep))
        name = lake.spark_table(contract.dataset)
        return Kept(contract.dataset, "maintained", care_for_iceberg(session, name, keep, alone=lake.is_local))


def _forget(lake: Lake, below: str, now: datetime, days: int) -> None:
    """Remove the folders below a prefix whose objects are all older than so many days."""
    newest: dict[str, datetime] = {}
    for one in lake.storage.list(below):
        folder = below + one.path.removeprefix(below).partition("/")[0]
        newest[folder] = max(one.arrival, newest.get(folder, one.arrival))
    for folder, arrival in newest.items():
        if arrival < now - timedelta(days=days):
            lake.storage.delete(folder)
