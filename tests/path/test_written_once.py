"""Rows that are not compared with stored ones are written once: the files that were audited are the files published."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from bench import ORDERS, Bench, counted, csv
from headgate.errors import RunFailed
from headgate.publish.formats import published
from headgate.publish.iceberg import IcebergTable
from headgate.publish.iceberg_query import newest_metadata
from headgate.refine import winners
from headgate.refine.winners import Winners
from headgate.upkeep.maintain import maintain

TABLE = "SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1"
APPENDED = ORDERS.replace("key: [order_id]\n", "")
FORMS = {
    "merge": ORDERS,
    "partitioned": ORDERS + 'partition_by: ["truncate(1, order_id)"]\n',
    "append": APPENDED,
    "overwrite": APPENDED + "write: {mode: overwrite}\n",
    "distinct": APPENDED + "distinct: true\n",
    "parquet": APPENDED + "partition_by: [order_id]\nwrite: {format: parquet}\n",
}
BEFORE_THE_COMMIT = ("leftovers", "list", "read", "gate", "judged", "clean", "publish", "branch", "audited", "ledger")
Seen = dict[str, Any]


def data_files(lake: Path) -> dict[str, int]:
    """The table's data files, and when each was written."""
    return {file.name: file.stat().st_mtime_ns for file in (lake / "data-warehouse").rglob("*.parquet")}


def watch(bench: Bench, seen: dict[str, Seen], look: Callable[[], Any]) -> Callable[..., None]:
    """A log that looks at every step of the orders."""
    return lambda step, **facts: seen.update({step: look()}) if facts.get("dataset") == "orders" else None


def no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting the winners by a pass of its own fails."""

    def fails(self: Winners) -> None:
        raise AssertionError("the winners were counted by a pass of their own")

    monkeypatch.setattr(Winners, "count", fails)


@pytest.mark.parametrize("form", FORMS)
def test_the_files_of_a_first_load_are_written_once_audited_and_published(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    no_pass(monkeypatch)
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "b,2.00" if form != "parquet" else "c,1.00"))
    seen: dict[str, Seen] = {}
    outcome = bench.one("orders", log=watch(bench, seen, lambda: data_files(bench.root / "lake")))
    assert outcome.status == "published"
    assert outcome.published == outcome.rows_after == len(bench.rows(TABLE))
    assert seen["branch"]
    assert seen["branch"] == seen["audited"] == data_files(bench.root / "lake")


@pytest.mark.parametrize("form", ["append", "overwrite", "parquet"])
def test_rows_without_a_key_are_written_once_into_a_published_table_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    no_pass(monkeypatch)
    bench.put("orders/b.csv", csv("b,2.00", "c,3.00"), arrived=60)
    written: dict[str, Seen] = {}
    outcome = bench.one("orders", log=watch(bench, written, lambda: bench.files("lake/_work")))
    assert counted(outcome, "status", "rows_after") == ("published", 3)
    assert not [file for files in written.values() for file in files if "/changes/" in file]


@pytest.mark.parametrize("form", ["merge", "append"])
def test_a_rebuild_to_other_columns_publishes_the_files_that_were_audited(bench: Bench, form: str) -> None:
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    bench.contract("orders", FORMS[form].replace("name: amount, type: \"decimal(12,2)\"", "name: amount, type: string")
                   .replace(", minimum: 0", ""))  # fmt: skip
    seen: dict[str, Seen] = {}
    outcome = bench.one("orders", full=True, log=watch(bench, seen, lambda: data_files(bench.root / "lake")))
    assert counted(outcome, "status", "removed", "rows_after") == ("published", 2, 2), outcome.error
    assert bench.rows("SELECT order_id, amount FROM orders ORDER BY 1") == [("a", "1.00"), ("b", "2.00")]
    assert seen["branch"] == data_files(bench.root / "lake")
    assert field_ids(bench) == ids_in_files(bench)


def test_the_files_carry_the_field_ids_of_the_published_table(bench: Bench) -> None:
    nested = "  - {name: items, type: 'array<struct<sku:string,n:int>>'}\nkey: [id]\n"
    bench.contract("orders", "source: {format: json}\ncolumns:\n  - {name: id, type: string}\n" + nested)
    bench.put("orders/a.json", json.dumps({"id": "a", "items": [{"sku": "x", "n": 1}]}))
    assert bench.one("orders").status == "published"
    assert field_ids(bench) == ids_in_files(bench)


def field_ids(bench: Bench) -> dict[str, int]:
    """The ids of the table's columns, by the newest metadata."""
    (folder,) = (bench.root / "lake/data-warehouse").glob("*/tbl_orders/metadata")
    metadata = json.loads((newest_metadata(folder) or folder).read_bytes())
    (schema,) = (one for one in metadata["schemas"] if one["schema-id"] == metadata["current-schema-id"])
    return {column["name"]: column["id"] for column in schema["fields"]}


def ids_in_files(bench: Bench) -> dict[str, int]:
    """The ids of the columns in the newest data file."""
    files = (bench.root / "lake/data-warehouse").rglob("*.parquet")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns)
    schema = parquet.ParquetFile(newest).schema_arrow
    return {column.name: int(column.metadata[b"PARQUET:field_id"]) for column in schema}


@pytest.mark.parametrize("form", ["partitioned", "parquet"])
def test_killed_at_any_step_of_a_first_load_nothing_is_visible_and_the_next_run_leaves_no_orphan(
    bench: Bench, form: str
) -> None:
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,x"))

    def as_a_kill_leaves_it(step: str, **facts: Any) -> None:
        if facts.get("dataset") == "orders" and step in BEFORE_THE_COMMIT:
            shutil.copytree(bench.root / "lake", bench.root / f"killed/{step}/lake")

    bench.one("orders", log=as_a_kill_leaves_it)
    assert {folder.name for folder in (bench.root / "killed").iterdir()} == set(BEFORE_THE_COMMIT)
    for step in BEFORE_THE_COMMIT:
        project = bench.root / "killed" / step
        for part in ("contracts", "staging"):
            shutil.copytree(bench.root / part, project / part)
        killed = Bench(bench.spark, project)
        assert "orders" not in published(killed.lake), step
        outcome = killed.one("orders")
        assert outcome.status == "published", (step, outcome.error)
        assert killed.rows(TABLE) == [("a", 1.0), ("b", 2.0)], step
        assert not killed.files("lake/_work"), step
        assert form == "parquet" or len(data_files(project / "lake")) == 2, step  # one for each partition


def test_maintain_removes_the_files_of_a_first_load_that_was_killed(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    killed = Bench(bench.spark, bench.root / "killed")
    bench.one("orders", log=lambda step, **facts: step == "audited" and shutil.copytree(
        bench.root / "lake", killed.root / "lake"))  # fmt: skip
    assert data_files(killed.root / "lake")
    (result,) = maintain(killed.spark, killed.lake, [bench.project().contracts["orders"]])
    assert result.status == "absent"
    assert not killed.files("lake/data-warehouse")


def test_files_that_no_run_of_ours_staged_are_left_alone(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    theirs = bench.root / "lake/data-warehouse/data_warehouse_db/tbl_orders/data/theirs.parquet"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    assert bench.one("orders").status == "published"
    assert theirs.exists()


@pytest.mark.parametrize("form", ["merge", "parquet"])
def test_a_first_load_that_stops_leaves_no_file(bench: Bench, form: str) -> None:
    stop = "checks:\n  - {expect: expect_table_row_count_to_be_between, kwargs: {min_value: 9}, "
    stop += "scope: table, otherwise: stop}\n"
    bench.contract("orders", FORMS[form] + stop)
    bench.put("orders/a.csv", csv("a,1.00"))
    seen: dict[str, Seen] = {}
    outcome = bench.one("orders", log=watch(bench, seen, lambda: data_files(bench.root / "lake")))
    assert outcome.status == "closed", outcome.error
    assert seen["branch"]
    assert not list((bench.root / "lake/data-warehouse").rglob("*.*"))


def test_contradicting_rows_stop_a_first_load_before_its_audit(bench: Bench) -> None:
    bench.contract("orders", ORDERS + "on_conflict: stop\n")
    bench.put("orders/a.csv", csv("a,1.00", "a,2.00"))
    steps: list[str] = []
    outcome = bench.one("orders", log=lambda step, **facts: steps.append(step))
    assert (outcome.status, outcome.conflicting) == ("closed", 1)
    assert "audited" not in steps
    assert not bench.files("lake/data-warehouse")


def test_when_another_writer_made_the_first_table_the_rows_are_merged_into_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    real = IcebergTable.create

    def late(self: IcebergTable, pointer: str) -> None:
        if not self.exists:
            session = bench.lake.session(bench.spark)
            other = IcebergTable(lambda: session, bench.lake, bench.project().contracts["orders"], "other")
            theirs = "'z' AS order_id, cast(9 AS decimal(12,2)) AS amount, 'z.csv' AS _object, now() AS _arrival"
            other.stage(session.sql(f"SELECT {theirs}, 'other' AS _run"), replace=False)
            real(other, pointer)
        real(self, pointer)

    monkeypatch.setattr(IcebergTable, "create", late)
    steps: list[str] = []
    outcome = bench.one("orders", log=lambda step, **facts: steps.append(step))
    assert outcome.status == "published", outcome.error
    assert steps.count("again") == 1
    assert counted(outcome, "rows_before", "inserted", "rows_after") == (1, 2, 3)
    assert bench.rows(TABLE) == [("a", 1.0), ("b", 2.0), ("z", 9.0)]
    assert len(data_files(bench.root / "lake")) == 2  # theirs and ours: what was staged first is gone


def test_winners_that_spark_counted_twice_are_counted_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = winners.observed
    monkeypatch.setattr(winners, "observed", lambda seen: {name: 2 * n for name, n in real(seen).items()})
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "b,2.00"))
    outcome = bench.one("orders")
    assert counted(outcome, "status", "read", "published", "superseded") == ("published", 3, 2, 1)


def test_winners_that_spark_did_not_count_are_counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(_: Any) -> None:
        raise RunFailed("the rows read were not counted")

    monkeypatch.setattr(winners, "observed", late)
    bench.contract("orders", APPENDED + "allow_empty: true\n")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    assert counted(bench.one("orders"), "status", "published") == ("published", 2)


@pytest.mark.parametrize("form", ["merge", "append", "parquet"])
def test_a_first_load_without_a_row_does_not_wait_for_a_count(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    def waits(_: Any) -> None:
        raise AssertionError("waited for a count")

    monkeypatch.setattr(winners, "observed", waits)
    bench.contract("orders", FORMS[form] + "allow_empty: true\n")
    bench.put("orders/a.csv", csv())
    outcome = bench.one("orders")
    assert counted(outcome, "status", "read", "rows_after") == ("published", 0, 0), outcome.error
    assert bench.rows(TABLE) == []


def test_keys_that_a_first_load_deletes_are_remembered_and_not_written(bench: Bench) -> None:
    deleting = ORDERS + "delete_when: \"op = 'D'\"\n"
    columns = "  - {name: op, type: string, publish: false}\nkey:"
    bench.contract("orders", deleting.replace("key:", columns))
    head = "order_id,amount,op"
    bench.put("orders/b.csv", csv("a,1.00,D", "b,2.00,I", header=head), arrived=60)
    assert counted(bench.one("orders"), "status", "deleted", "published", "rows_after") == ("published", 1, 1, 1)
    bench.put("orders/a.csv", csv("a,5.00,I", header=head))  # older: it must not bring the key back
    assert bench.one("orders").status == "published"
    assert bench.rows(TABLE) == [("b", 2.0)]
