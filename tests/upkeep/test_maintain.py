"""Maintenance: files change, rows do not."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench import ORDERS, Bench, csv
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.project import load_project
from headgate.publish import iceberg_maintenance
from headgate.publish.iceberg import IcebergTable
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import publications

TABLE = "SELECT order_id, CAST(amount AS double) FROM orders ORDER BY ALL"
PARQUET = ORDERS.replace("key: [order_id]\n", "write: {format: parquet}\n")
DAYS = 86_400


def contract(bench: Bench) -> Contract:
    return load_project(bench.root / "contracts", bench.lake).contracts["orders"]


def batches(bench: Bench, count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        bench.put(f"orders/{number}.csv", csv(f"k{number},1"), arrived=number)
        assert bench.one("orders").status == "published"


def maintained(bench: Bench, days: int = 7) -> dict[str, int]:
    """The counts of maintenance that are not 0."""
    (result,) = maintain(bench.spark, bench.lake, [contract(bench)], days)
    assert (result.status, result.error) == ("maintained", None)
    return {name: count for name, count in result.counts.as_dict().items() if count}


def aged(folder: Path, days: int) -> None:
    for file in folder.rglob("*"):
        then = time.time() - days * DAYS
        os.utime(file, (then, then))


def test_small_files_become_one_and_no_row_changes(bench: Bench) -> None:
    bench.contract("orders")
    batches(bench, 6)
    before = bench.rows(TABLE)
    assert maintained(bench) == {"files_compacted": 6, "files_written": 1}
    assert bench.rows(TABLE) == before
    assert len(bench.rows("SELECT DISTINCT _run FROM orders")) == 6
    assert maintained(bench) == {}
    assert bench.one("orders").status == "unchanged"
    batches(bench, 1, first=6)
    assert len(bench.rows(TABLE)) == 7


@pytest.mark.deep
def test_former_publications_can_be_put_back_until_they_expire(bench: Bench) -> None:
    bench.contract("orders")
    batches(bench, 6)
    maintained(bench)
    assert len(publications(bench.spark, bench.lake, contract(bench))[1]) == 5
    assert maintained(bench, days=0)["files_removed"] == 6
    assert publications(bench.spark, bench.lake, contract(bench))[1] == []
    assert len(bench.rows(TABLE)) == 6
    batches(bench, 1, first=6)
    assert [former.run for former in publications(bench.spark, bench.lake, contract(bench))[1]] == [bench.runs[5].run]


def test_what_a_run_that_died_has_left_goes_and_what_is_young_stays(bench: Bench) -> None:
    bench.contract("orders")
    batches(bench, 1)
    table = bench.lake.spark_table("orders")
    session = bench.lake.session(bench.spark)
    session.sql(f"ALTER TABLE {table} CREATE BRANCH run_20260102t030405z_1a2b3c")
    data = bench.root / "lake/data-warehouse/data_warehouse_db/tbl_orders/data"
    (data / "left.parquet").write_bytes(b"left by a run that was killed")
    bench.lake.storage.write("_work/20260102T030405Z-1a2b3c/orders/staged/x", b"left")
    assert maintained(bench) == {"branches_dropped": 1}
    assert not bench.lake.storage.exists("_work/20260102T030405Z-1a2b3c/orders")
    assert (data / "left.parquet").exists()
    aged(data, 2)
    assert maintained(bench) == {"orphans_removed": 1}
    assert not (data / "left.parquet").exists()
    assert len(bench.rows(TABLE)) == 1


def test_without_a_lock_only_branches_older_than_a_day_are_dropped(bench: Bench) -> None:
    bench.contract("orders")
    batches(bench, 1)
    table, session = bench.lake.spark_table("orders"), bench.lake.session(bench.spark)
    now = datetime.now(UTC)
    for begun in (now - timedelta(hours=2), now - timedelta(hours=30)):
        session.sql(f"ALTER TABLE {table} CREATE BRANCH run_{begun:%Y%m%dt%H%M%Sz}_1a2b3c")
    session.sql(f"ALTER TABLE {table} CREATE BRANCH runs_of_a_person")
    counts = iceberg_maintenance.maintain_iceberg(session, table, KeepRules(now, 7), alone=False)
    assert counts.branches_dropped == 1
    left = {row["name"] for row in session.sql(f"SELECT name FROM {table}.refs").collect()}
    assert left == {"main", "runs_of_a_person", f"run_{now - timedelta(hours=2):%Y%m%dt%H%M%Sz}_1a2b3c"}


def test_a_compaction_that_would_change_the_rows_is_put_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.contract("orders")
    batches(bench, 6)
    before, call = bench.rows(TABLE), iceberg_maintenance._call

    def losing(spark, procedure, table, arguments):
        done = call(spark, procedure, table, arguments)
        if procedure == "rewrite_data_files":
            spark.sql(f"DELETE FROM {table} WHERE order_id = 'k3'")
        return done

    monkeypatch.setattr(iceberg_maintenance, "_call", losing)
    (result,) = maintain(bench.spark, bench.lake, [contract(bench)])
    assert result.status == "failed" and "compaction would have changed 6 rows to 5" in str(result.error)
    assert bench.rows(TABLE) == before


def test_folders_of_parquet_tables_go_when_no_publication_needs_them(bench: Bench) -> None:
    bench.contract("orders", PARQUET)
    batches(bench, 3)
    runs = [result.run for result in bench.runs]
    root = bench.root / "lake/data-warehouse/orders"
    assert maintained(bench) == {}  # younger than a day: somebody may be reading them
    aged(bench.root / "lake", 3)
    assert maintained(bench) == {}  # a rollback may ask for them
    aged(bench.root / "lake", 8)
    counts = maintained(bench)
    assert (counts["folders_removed"], counts["files_removed"]) == (2, 3)  # the second run had a's rows and its own
    assert counts["bytes_removed"] > 0
    assert {path.name for path in root.iterdir()} == {runs[2], "_current.json"}
    assert publications(bench.spark, bench.lake, contract(bench))[1] == []
    assert len(bench.rows(TABLE)) == 3


def test_refused_rows_are_kept_for_as_long_as_the_contract_says(bench: Bench) -> None:
    bench.contract("orders", ORDERS + "retention: {quarantine_days: 30}\n")
    bench.put("orders/0.csv", csv("a,1", "b,-1"))
    bench.one("orders")
    refused = bench.root / "lake/quarantine/orders"
    aged(refused, 29)
    maintained(bench)
    assert list(refused.iterdir())
    aged(refused, 31)
    maintained(bench)
    assert list(refused.iterdir()) == []


def test_a_table_that_was_never_published_is_absent_and_a_failure_does_not_stop_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("orders", "returns", "visits"):
        bench.contract(name)
    bench.put("returns/0.csv", csv("a,1"))
    bench.put("visits/0.csv", csv("a,1"))
    bench.run("returns", "visits")
    project = load_project(bench.root / "contracts", bench.lake)
    maintain_table = IcebergTable.maintain

    def fails(self: IcebergTable, keep: KeepRules) -> MaintenanceCounts:
        if "returns" in self.name:
            raise RunFailed("another writer published while expire_snapshots worked", where=self.name)
        return maintain_table(self, keep)

    monkeypatch.setattr(IcebergTable, "maintain", fails)
    results = maintain(bench.spark, bench.lake, list(project.contracts.values()))
    assert [(result.dataset, result.status) for result in results] == [
        ("orders", "absent"),
        ("returns", "failed"),
        ("visits", "maintained"),
    ]
