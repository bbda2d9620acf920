"""A run that finds nothing new starts no Spark, and reports what Spark would report."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from bench import ORDERS, Bench, csv
from headgate.errors import RunFailed
from headgate.outcome import Outcome
from headgate.publish import iceberg
from headgate.upkeep.rollback import put_on_hold

PARQUET = ORDERS.replace("key: [order_id]", "write: {format: parquet, mode: append}")
MART = """\
source: {query: by_amount.sql}
columns: [{name: amount, type: "decimal(12,2)"}, {name: orders, type: bigint}]
"""


class Started(BaseException):
    """Spark was started."""


def no_spark() -> SparkSession:
    raise Started


def published(bench: Bench, body: str = ORDERS) -> Bench:
    bench.contract("orders", body)
    bench.put("orders/1.csv", csv("a,1", "b,2", "c,-1"))
    bench.put("orders/2.csv", csv("a,5", "d,2", "e,3"), arrived=60)
    assert bench.one("orders").status == "published"
    return bench


def with_mart(bench: Bench) -> Bench:
    bench.contract("by_amount", MART)
    bench.sql("by_amount.sql", "SELECT amount, count(*) AS orders FROM orders GROUP BY amount")
    assert bench.one("by_amount").status == "published"
    return bench


def facts(outcome: Outcome) -> dict[str, Any]:
    """Everything that a record says of an outcome, without its seconds."""
    return {**dataclasses.asdict(outcome), "seconds": sorted(outcome.seconds)}


def metadata(bench: Bench, dataset: str = "orders") -> Path:
    folder = Path(bench.lake.storage.root, bench.lake.catalog_folder(dataset), "metadata")
    return max(folder.glob("v*.metadata.json"), key=lambda file: int(file.name[1:].partition(".")[0]))


@pytest.mark.parametrize(("body", "rows"), [(ORDERS, 4), (PARQUET, 5)], ids=["iceberg", "parquet"])
def test_an_unchanged_dataset_and_its_mart_are_reported_without_spark_as_with_it(
    bench: Bench, body: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_mart(published(bench, body))
    without = bench.run(start=no_spark).outcomes
    assert {name: outcome.status for name, outcome in without.items()} == dict.fromkeys(
        ("orders", "by_amount"), "unchanged"
    )
    assert (without["orders"].rows_before, without["orders"].rows_after) == (rows, rows)
    monkeypatch.setattr(iceberg, "iceberg_state", lambda lake, dataset: None)
    monkeypatch.setattr("headgate.publish.parquet.rows_in_footers", lambda table, state: None)
    by_spark = bench.run().outcomes
    assert {name: facts(outcome) for name, outcome in without.items()} == {
        name: facts(outcome) for name, outcome in by_spark.items()
    }


@pytest.mark.parametrize("body", [ORDERS, PARQUET], ids=["iceberg", "parquet"])
def test_a_hold_a_dry_run_and_an_empty_backfill_need_no_spark(bench: Bench, body: str) -> None:
    published(bench, body)
    assert bench.one("orders", dry=True, start=no_spark).status == "unchanged"
    empty = bench.one("orders", again="path=9.csv", start=no_spark)
    assert (empty.status, empty.reason) == ("unchanged", "no object matches `path=9.csv`")
    put_on_hold(bench.spark, bench.lake, bench.project().contracts["orders"], "a look first")
    held = bench.one("orders", start=no_spark)
    assert (held.status, held.reason) == ("skipped", "hold") and "a look first" in held.notes[0]


def test_a_new_object_a_changed_query_and_a_branch_of_a_dead_run_start_spark(bench: Bench) -> None:
    with_mart(published(bench))
    bench.sql("by_amount.sql", "SELECT amount, count(*) AS orders FROM orders GROUP BY amount HAVING count(*) > 1")
    with pytest.raises(Started):
        bench.run("by_amount", start=no_spark)
    table = bench.lake.spark_table("orders")
    bench.lake.session(bench.spark).sql(f"ALTER TABLE {table} CREATE BRANCH `run_dead`")
    with pytest.raises(Started):
        bench.run("orders", start=no_spark)
    assert bench.one("orders").status == "unchanged"  # and has dropped the branch
    assert bench.one("orders", start=no_spark).status == "unchanged"
    bench.put("orders/3.csv", csv("f,1"), arrived=120)
    with pytest.raises(Started):
        bench.run("orders", start=no_spark)


def test_rows_that_delete_files_name_are_not_counted(bench: Bench) -> None:
    published(bench)
    session, table = bench.lake.session(bench.spark), bench.lake.spark_table("orders")
    session.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('write.delete.mode' = 'merge-on-read')")
    session.sql(f"DELETE FROM {table} WHERE order_id = 'a'")
    assert bench.one("orders", start=no_spark).rows_before == 3
    assert session.table(table).count() == 3


def test_an_unreadable_table_fails_as_it_does_with_spark(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    published(bench)
    manifest = next(metadata(bench).parent.glob("*-m0.avro"))
    content = manifest.read_bytes()
    manifest.write_bytes(content[: len(content) // 2])
    fallen_back = bench.one("orders")
    monkeypatch.setattr(iceberg, "iceberg_state", lambda lake, dataset: None)
    assert facts(fallen_back) == facts(bench.one("orders"))
    assert fallen_back.status == "failed"
    monkeypatch.undo()

    manifest.write_bytes(content)
    whole = metadata(bench).read_bytes()
    metadata(bench).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Started):
        bench.run("orders", start=no_spark)


def test_a_table_of_somebody_else_is_refused_without_spark_too(bench: Bench) -> None:
    published(bench)
    state = json.loads(metadata(bench).read_bytes())
    del state["properties"]["headgate.ledger"]
    metadata(bench).write_text(json.dumps(state))
    outcome = bench.one("orders", start=no_spark)
    assert outcome.error and outcome.error["what"] == "the table exists and carries no ledger of Headgate"


def test_a_spark_that_cannot_start_ends_the_run_and_is_no_fault_of_a_dataset(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/1.csv", csv("a,1"))

    def broken() -> SparkSession:
        raise RunFailed("Spark needs Java 17, and none was found.")

    with pytest.raises(RunFailed, match="Java 17"):
        bench.run(start=broken)
