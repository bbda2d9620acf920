"""Counts that Spark got wrong, and a main that other writers move while we publish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bench import Bench, counted, csv
from headgate import frame
from headgate.gate.judged import write_judged
from headgate.publish.iceberg import IcebergTable
from headgate.refine import refine


@pytest.fixture
def orders(bench: Bench) -> Bench:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("b,3.00", "c,3.00"), arrived=60)
    return bench


def test_rows_that_spark_counted_twice_are_counted_again_in_the_source(
    orders: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubled(*args: Any) -> Any:
        judged = write_judged(*args)
        return replace(judged, observed={**judged.observed, "read": 2 * judged.observed["read"]})

    monkeypatch.setattr(frame, "write_judged", doubled)
    outcome = orders.one("orders")
    assert outcome.status == "published"
    assert counted(outcome, "read", "published") == (2, 2)
    assert "the source was counted again" in outcome.notes[-1]


def _moving_main(monkeypatch: pytest.MonkeyPatch, bench: Bench, times: int) -> list[int]:
    """Let another writer commit to main just before our publish, `times` times."""
    moved: list[int] = []
    publish = IcebergTable.publish

    def late(self: IcebergTable, pointer: str) -> None:
        if len(moved) < times:
            moved.append(1)
            bench.lake.session(bench.spark).sql(
                f"DELETE FROM {self.name} WHERE order_id = 'a'"
                if len(moved) == 1
                else f"INSERT INTO {self.name} SELECT 'z{len(moved)}', 1.00, null, null, null"
            )
        publish(self, pointer)

    monkeypatch.setattr(IcebergTable, "publish", late)
    return moved


def test_when_main_moved_the_rows_are_merged_and_audited_again(orders: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _moving_main(monkeypatch, orders, times=2)
    steps: list[str] = []
    outcome = orders.one("orders", log=lambda step, **facts: steps.append(step))
    assert outcome.status == "published"
    assert steps.count("again") == 2
    assert counted(outcome, "rows_before", "inserted", "updated", "rows_after") == (2, 1, 1, 3)
    rows = orders.rows("SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1")
    assert rows == [("b", 3.0), ("c", 3.0), ("z2", 1.0)]


def test_a_main_that_never_stands_still_fails_the_run_and_leaves_no_branch(
    orders: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _moving_main(monkeypatch, orders, times=refine.ATTEMPTS)
    outcome = orders.one("orders")
    assert outcome.status == "failed"
    assert "another writer published 3 times meanwhile" in str(outcome.reason)
    refs = orders.lake.session(orders.spark).sql("SELECT name FROM lake.data_warehouse_db.tbl_orders.refs").collect()
    assert [row["name"] for row in refs] == ["main"]
