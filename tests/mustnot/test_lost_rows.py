"""One row is lost behind each step in turn: every time the run fails, and readers see nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from bench import ORDERS, Bench, csv
from headgate import clean, stage
from headgate.publish.change import Change
from headgate.publish.iceberg import IcebergTable
from headgate.publish.parquet import ParquetTable

Loss = Callable[[pytest.MonkeyPatch], None]
APPENDED = ORDERS.replace("key: [order_id]\n", "")
PARQUET = APPENDED + "write: {format: parquet}\n"


def _without_c(made: DataFrame) -> DataFrame:
    return made.where("order_id != 'c'")


def _losing(owner: Any, name: str) -> Loss:
    """The step, whose result lacks one row."""

    def lose(monkeypatch: pytest.MonkeyPatch) -> None:
        step = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, **more: _without_c(step(*args, **more)))

    return lose


def _losing_while_created(monkeypatch: pytest.MonkeyPatch) -> None:
    create = IcebergTable.create

    def lossy(self: IcebergTable, rows: DataFrame, pointer: str, *, replace: bool) -> None:
        create(self, _without_c(rows), pointer, replace=replace)

    monkeypatch.setattr(IcebergTable, "create", lossy)


def _losing_in_parquet(monkeypatch: pytest.MonkeyPatch) -> None:
    write = ParquetTable._write
    monkeypatch.setattr(ParquetTable, "_write", lambda self, rows: write(self, _without_c(rows)))


LATER: dict[str, tuple[str, Loss]] = {
    "gate": (ORDERS, _losing(stage, "written")),
    "staged rows": (ORDERS, _losing(stage.Staged, "rows")),
    "dedupe": (ORDERS, _losing(clean, "latest_per_key")),
    "comparison with the table": (ORDERS, _losing(clean, "against_stored")),
    "rows without a key": (APPENDED, _losing(clean, "every_row")),
    "merge": (ORDERS, _losing(Change, "writing")),
    "append": (APPENDED, _losing(Change, "writing")),
    "parquet": (PARQUET, _losing_in_parquet),
}


@pytest.mark.parametrize("step", LATER)
def test_a_row_lost_behind_a_step_fails_the_run_and_readers_keep_what_they_had(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    body, lose = LATER[step]
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("b,3.00", "c,3.00", "d,4.00"), arrived=60)
    with monkeypatch.context() as patch:
        lose(patch)
        outcome = bench.one("orders")
    assert outcome.status == "failed", outcome.reason
    assert "do not add up" in str(outcome.reason)
    assert bench.rows("SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1") == [("a", 1.0), ("b", 2.0)]
    assert bench.one("orders").status == "published"
    assert len(bench.rows("SELECT * FROM orders")) == (4 if body == ORDERS else 5)


def test_a_row_lost_while_the_first_table_is_made_fails_the_run_and_leaves_no_table(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "c,2.00"))
    with monkeypatch.context() as patch:
        _losing_while_created(patch)
        outcome = bench.one("orders")
    assert outcome.status == "failed"
    assert "the published table has 1 rows, 2 were audited" in str(outcome.reason)
    assert not bench.lake.session(bench.spark).catalog.tableExists("lake.data_warehouse_db.tbl_orders")
    assert bench.one("orders").status == "published"
