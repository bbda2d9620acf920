"""Maintenance of an Iceberg table: old branches, small files, old snapshots, files that no snapshot names.

Each step is one commit of its own, by Iceberg's procedures; another writer's commit in between makes ours fail, never
theirs. What readers see does not change by a row.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from headgate.errors import RunFailed
from headgate.lake.paths import CATALOG
from headgate.publish.maintenance import Care, Keep

SMALL_FILES = 5  # so many small files of a partition are worth writing anew


def care_for_iceberg(spark: SparkSession, table: str, keep: Keep, *, alone: bool) -> Care:
    """Maintain a table. `alone` says that a lock keeps every other writer out, so that all branches are leftovers.

    Raises `RunFailed` when another writer was first, or when compaction would have changed the rows.
    """
    care = Care()
    care.branches_dropped = _drop_branches(spark, table, keep, alone=alone)
    _compact(spark, table, care)
    expired = _call(
        spark, "expire_snapshots", table, f"older_than => {_timestamp(keep.former_since)}, retain_last => 1"
    )
    care.files_removed = int(expired["deleted_data_files_count"]) + int(expired["deleted_position_delete_files_count"])
    care.orphans_removed = _remove_orphans(spark, table, keep)
    return care


def _drop_branches(spark: SparkSession, table: str, keep: Keep, *, alone: bool) -> int:
    refs = spark.sql(f"SELECT name FROM {table}.refs WHERE type = 'BRANCH' AND name LIKE 'run%'").collect()
    old = [name for name in (str(ref["name"]) for ref in refs) if alone or _begun(name) < keep.used_since]
    for name in old:
        spark.sql(f"ALTER TABLE {table} DROP BRANCH IF EXISTS `{name}`")
    return len(old)


def _begun(branch: str) -> datetime:
    """When the run of a branch began: its name says so (`run_20260102t030405z_1a2b3c`); now where it does not."""
    try:
        return datetime.strptime(branch.split("_")[1], "%Y%m%dt%H%M%Sz").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return datetime.now(UTC)


def _compact(spark: SparkSession, table: str, care: Care) -> None:
    """Write small files anew, and hold the rows: a table that has others afterwards is put back as it was."""
    before = spark.sql(f"SELECT snapshot_id FROM {table}.refs WHERE name = 'main'").collect()
    if not before:
        return
    rows = spark.table(table).count()
    done = _call(spark, "rewrite_data_files", table, f"options => map('min-input-files', '{SMALL_FILES}')")
    care.files_compacted, care.files_written = (
        int(done["rewritten_data_files_count"]),
        int(done["added_data_files_count"]),
    )
    found = spark.table(table).count()
    if care.files_compacted and found != rows:
        spark.sql(f"CALL {CATALOG}.system.set_current_snapshot('{_bare(table)}', {before[0]['snapshot_id']})")
        remedy = "The table was put back as it was. Report this."
        raise RunFailed(f"compaction would have made {found} rows of {rows}", where=_bare(table), remedy=remedy)


def _remove_orphans(spark: SparkSession, table: str, keep: Keep) -> int:
    """Files that no snapshot names: a run that was killed leaves them. A table in the making may own those of today."""
    at = f"older_than => {_timestamp(keep.used_since)}, prefix_listing => true"
    return spark.sql(f"CALL {CATALOG}.system.remove_orphan_files(table => '{_bare(table)}', {at})").count()


def _call(spark: SparkSession, procedure: str, table: str, words: str) -> Any:
    try:
        return spark.sql(f"CALL {CATALOG}.system.{procedure}(table => '{_bare(table)}', {words})").collect()[0]
    except PySparkException as error:
        if "CommitFailedException" in str(error) or "ValidationException" in str(error):
            what = f"another writer published while {procedure} worked"
            raise RunFailed(what, where=_bare(table), remedy="Nothing was lost. Maintain again.") from error
        raise


def _bare(table: str) -> str:
    return table.removeprefix(f"{CATALOG}.")


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
