"""Maintenance of an Iceberg table: old branches, small files, old snapshots, files that no snapshot names.

Each step is a commit by one of Iceberg's procedures. If another writer commits in between, our commit fails, never
theirs. No row that readers see changes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from headgate.errors import RunFailed
from headgate.lake.catalog import CATALOG
from headgate.publish.maintenance import KeepRules, MaintenanceCounts

SMALL_FILES = 5  # a partition is compacted from this many small files on


def maintain_iceberg(spark: SparkSession, table: str, keep: KeepRules, *, alone: bool) -> MaintenanceCounts:
    """Maintain a table. `alone`: a lock keeps every other writer out, so that all branches are leftovers.

    Raises `RunFailed` when another writer was first, or when compaction would have changed the rows.
    """
    counts = MaintenanceCounts()
    counts.branches_dropped = _drop_branches(spark, table, keep, alone=alone)
    _compact(spark, table, counts)
    counts.files_removed = _expire(spark, table, keep)
    counts.orphans_removed = _remove_orphans(spark, table, keep)
    return counts


def _drop_branches(spark: SparkSession, table: str, keep: KeepRules, *, alone: bool) -> int:
    refs = spark.sql(f"SELECT name FROM {table}.refs WHERE type = 'BRANCH' AND name LIKE 'run%'").collect()
    old = [name for name in (str(ref["name"]) for ref in refs) if alone or _begun(name) < keep.used_since]
    for name in old:
        spark.sql(f"ALTER TABLE {table} DROP BRANCH IF EXISTS `{name}`")
    return len(old)


def _begun(branch: str) -> datetime:
    """When the run of a branch began, by the branch's name (`run_20260102t030405z_1a2b3c`); now for other names."""
    try:
        return datetime.strptime(branch.split("_")[1], "%Y%m%dt%H%M%Sz").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return datetime.now(UTC)


def _compact(spark: SparkSession, table: str, counts: MaintenanceCounts) -> None:
    """Rewrite small files and compare the row counts: a table with another count is put back as it was."""
    before = spark.sql(f"SELECT snapshot_id FROM {table}.refs WHERE name = 'main'").collect()
    if not before:
        return
    rows = spark.table(table).count()
    options = f"'min-input-files', '{SMALL_FILES}', 'delete-file-threshold', '1'"
    done = _call(spark, "rewrite_data_files", table, f"options => map({options})")
    _call(spark, "rewrite_position_delete_files", table, "options => map('rewrite-all', 'true')")
    counts.files_compacted, counts.files_written = (
        int(done["rewritten_data_files_count"]),
        int(done["added_data_files_count"]),
    )
    rows_after = spark.table(table).count()
    if counts.files_compacted and rows_after != rows:
        spark.sql(f"CALL {CATALOG}.system.set_current_snapshot('{_bare(table)}', {before[0]['snapshot_id']})")
        remedy = "The table was put back as it was. Report this."
        raise RunFailed(f"compaction would have changed {rows} rows to {rows_after}", where=_bare(table), remedy=remedy)


def _expire(spark: SparkSession, table: str, keep: KeepRules) -> int:
    """Expire snapshots that can no longer be put back; the number of files that went with them."""
    older = f"older_than => {_timestamp(keep.former_since)}, retain_last => 1"
    done = _call(spark, "expire_snapshots", table, older)
    return int(done["deleted_data_files_count"]) + int(done["deleted_position_delete_files_count"])


def _remove_orphans(spark: SparkSession, table: str, keep: KeepRules) -> int:
    """Remove files that no snapshot names, as a killed run leaves them. A run of today may still need its own."""
    at = f"older_than => {_timestamp(keep.used_since)}, prefix_listing => true"
    return spark.sql(f"CALL {CATALOG}.system.remove_orphan_files(table => '{_bare(table)}', {at})").count()


def _call(spark: SparkSession, procedure: str, table: str, arguments: str) -> Any:
    try:
        return spark.sql(f"CALL {CATALOG}.system.{procedure}(table => '{_bare(table)}', {arguments})").collect()[0]
    except PySparkException as error:
        if "CommitFailedException" in str(error) or "ValidationException" in str(error):
            what = f"another writer published while {procedure} worked"
            raise RunFailed(what, where=_bare(table), remedy="Nothing was lost. Run maintenance again.") from error
        raise


def _bare(table: str) -> str:
    return table.removeprefix(f"{CATALOG}.")


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
