"""maintain: compact, expire, and clear what dead runs have left. No row that readers see changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import SparkSession

from headgate.contract.model import Contract
from headgate.errors import HeadgateError
from headgate.lake.leftovers import clear_leftovers
from headgate.lake.lock import writing
from headgate.lake.paths import Lake, quarantine_folder
from headgate.publish.formats import table_of
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.spark.errors import explained
from headgate.upkeep.deleted_keys import forget_deleted_keys

KEEP_DAYS = 7  # by default a former publication can be put back for this long


@dataclass(frozen=True)
class Maintained:
    """The maintenance of one table: `maintained`, `absent` (never published), or `failed` with its error."""

    dataset: str
    status: str
    counts: MaintenanceCounts
    error: HeadgateError | None = None

    def as_dict(self) -> dict[str, int | str]:
        """As JSON wants it, without the error."""
        return {"status": self.status, **self.counts.as_dict()}


def maintain(
    spark: SparkSession,
    lake: Lake,
    contracts: Sequence[Contract],
    days: int = KEEP_DAYS,
    log: Callable[..., None] = lambda step, **facts: None,
) -> list[Maintained]:
    """Maintain the tables of these contracts in order. A table that fails does not stop the others."""
    keep = KeepRules(datetime.now(UTC), days)
    results: list[Maintained] = []
    for contract in contracts:
        log("maintain", dataset=contract.dataset)
        try:
            result = _maintain_one(spark, lake, contract, keep)
        except HeadgateError as error:
            result = Maintained(contract.dataset, "failed", MaintenanceCounts(), error)
        log("done", dataset=contract.dataset, **result.as_dict())
        results.append(result)
    return results


def _maintain_one(spark: SparkSession, lake: Lake, contract: Contract, keep: KeepRules) -> Maintained:
    session = lake.session(spark)
    table = table_of(lambda: session, lake, contract, "maintain")
    with explained(contract, lake), writing(lake, contract.dataset):
        if lake.is_local:  # in a bucket, lifecycle rules do this
            if not table.exists:
                table.clear_leftovers()  # before the work folders, which tell what dead runs had begun
            clear_leftovers(lake, contract.dataset)
            oldest = keep.now - timedelta(days=contract.retention.quarantine_days)
            _remove_folders(lake, quarantine_folder(contract.dataset), older_than=oldest)
        if not table.exists:
            return Maintained(contract.dataset, "absent", MaintenanceCounts())
        counts = table.maintain(keep)
        pointers = [table.pointer(), *(former.pointer for former in table.former())]
        named = [pointer for pointer in pointers if pointer]
        counts.folders_removed += forget_deleted_keys(lake.storage, contract.dataset, named, keep.used_since)
        return Maintained(contract.dataset, "maintained", counts)


def _remove_folders(lake: Lake, parent: str, older_than: datetime) -> None:
    """Remove the folders below `parent` in which every file is older."""
    newest: dict[str, datetime] = {}
    for file in lake.storage.list(f"{parent}/"):
        folder = f"{parent}/{file.path.removeprefix(f'{parent}/').partition('/')[0]}"
        newest[folder] = max(file.arrival, newest.get(folder, file.arrival))
    for folder, arrival in newest.items():
        if arrival < older_than:
            lake.storage.delete(folder)
