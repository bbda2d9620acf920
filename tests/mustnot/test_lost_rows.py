"""A row that is lost behind any step: the run fails with both sides of the equation, and nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyarrow.compute import field
from pyspark.sql import DataFrame

from bench import ORDERS, Bench, csv
from headgate import clean
from headgate.columns import KEPT
from headgate.gate import judged
from headgate.publish.change import Change
from headgate.publish.formats import published
from headgate.publish.iceberg import IcebergTable
from headgate.publish.parquet import ParquetTable
from tables import rewrite

pytestmark = pytest.mark.deep

TABLE = "SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1"
APPENDED = ORDERS.replace("key: [order_id]\n", "")
FORMS = {
    "merge": ORDERS,
    "append": APPENDED,
    "overwrite": APPENDED + "write: {mode: overwrite}\n",
    "parquet": APPENDED + "write: {format: parquet}\n",
}

Lose = Callable[[pytest.MonkeyPatch], None]


def _without_lost(rows: DataFrame) -> DataFrame:
    return rows.where("order_id <> 'lost'")


def _after(patch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    """Lose the row from what a function returns."""
    real = getattr(place, name)
    patch.setattr(place, name, lambda *given, **named: _without_lost(real(*given, **named)))


def between_judging_and_writing_aside(patch: pytest.MonkeyPatch) -> None:
    _after(patch, judged, "written")


def from_the_files_aside(patch: pytest.MonkeyPatch) -> None:
    real = judged.JudgedRows.rows

    def rows(self: judged.JudgedRows, verdict: str) -> DataFrame:
        found = real(self, verdict)
        return _without_lost(found) if verdict == KEPT else found

    patch.setattr(judged.JudgedRows, "rows", rows)


def in_cleaning(patch: pytest.MonkeyPatch) -> None:
    _after(patch, clean, "latest_per_key")
    _after(patch, clean, "every_row")


def where_winners_meet_the_stored_rows(patch: pytest.MonkeyPatch) -> None:
    _after(patch, clean, "against_stored")


def in_writing_the_table(patch: pytest.MonkeyPatch) -> None:
    _after(patch, Change, "writing")


STEPS: tuple[Lose, ...] = (
    between_judging_and_writing_aside,
    from_the_files_aside,
    in_cleaning,
    where_winners_meet_the_stored_rows,
    in_writing_the_table,
)


@pytest.mark.parametrize("form", ["merge", "parquet", "append", "overwrite"])
def test_a_row_lost_behind_a_step_fails_the_run_and_readers_keep_what_they_had(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    assert bench.one("orders").status == "published"
    bench.put("orders/b.csv", csv("lost,1.00", "c,3.00", "d,x"), arrived=60)
    before = bench.files("lake/data-warehouse") if form == "parquet" else set()
    for lose in STEPS:
        with monkeypatch.context() as patch:
            lose(patch)
            outcome = bench.one("orders")
        assert outcome.status == "failed", lose.__name__
        assert "do not add up" in str(outcome.reason), (lose.__name__, outcome.reason)
        assert bench.rows(TABLE) == [("a", 1.0), ("b", 2.0)], lose.__name__
        assert form != "parquet" or bench.files("lake/data-warehouse") == before, lose.__name__
    assert bench.one("orders").status == "published"
    assert len(bench.rows(TABLE)) == 4


@pytest.mark.parametrize("form", ["merge", "parquet"])
def test_a_row_lost_before_the_first_publication_leaves_no_table(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("lost,1.00", "b,2.00"))
    for lose in (between_judging_and_writing_aside, in_cleaning, in_writing_the_table):
        with monkeypatch.context() as patch:
            lose(patch)
            outcome = bench.one("orders")
        assert "do not add up" in str(outcome.reason), lose.__name__
        assert not bench.files("lake/data-warehouse")


def test_an_update_that_does_not_reach_the_table_fails_the_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("lost,1.00", "b,2.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("lost,9.00", "b,3.00", "c,1.00"), arrived=60)  # as many rows, one of them old
    in_writing_the_table(monkeypatch)
    outcome = bench.one("orders")
    assert outcome.status == "failed"
    assert "do not add up" in str(outcome.reason)
    assert bench.rows(TABLE) == [("b", 2.0), ("lost", 1.0)]


@pytest.mark.parametrize(("form", "table"), [("merge", IcebergTable), ("parquet", ParquetTable)])
def test_a_row_lost_while_the_first_table_is_made_fails_the_run_and_leaves_no_table(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, form: str, table: Any
) -> None:
    real = table.create

    def losing(self: Any, pointer: str) -> None:
        real(self, pointer)
        if form == "merge":
            self._spark.sql(f"DELETE FROM {self.name} WHERE order_id = 'lost'")
        else:
            rewrite(bench.root / "lake/data-warehouse/orders", lambda rows: rows.filter(field("order_id") != "lost"))

    monkeypatch.setattr(table, "create", losing)
    bench.contract("orders", FORMS[form])
    bench.put("orders/a.csv", csv("lost,1.00", "b,2.00"))
    outcome = bench.one("orders")
    assert outcome.status == "failed"
    assert outcome.reason == "the published table has 1 rows, 2 were audited"
    assert "orders" not in published(bench.lake)
    monkeypatch.undo()
    assert bench.one("orders").status == "published"
    assert len(bench.rows(TABLE)) == 2


def test_a_row_that_is_lost_while_it_is_shown_fails_the_run_and_says_how_to_take_it_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "lost,2.00"))
    bench.one("orders")
    real = IcebergTable.publish

    def losing(self: IcebergTable, pointer: str) -> None:
        self._spark.sql(f"DELETE FROM {self._at_branch} WHERE order_id = 'lost'")
        real(self, pointer)

    monkeypatch.setattr(IcebergTable, "publish", losing)
    bench.put("orders/b.csv", csv("c,3.00"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.error and outcome.error["what"] == "the published table has 2 rows, 3 were audited"
    assert outcome.error["remedy"] == "Take it back with `headgate rollback orders`, and report this."


def test_a_row_of_a_mart_that_is_lost_fails_it_and_its_former_rows_stay(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.contract("orders")
    bench.contract("names", "source: {query: marts/names.sql}\ncolumns:\n  - {name: order_id, type: string}\n")
    bench.sql("marts/names.sql", "SELECT order_id FROM orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.run()
    bench.put("orders/b.csv", csv("lost,1.00"), arrived=60)
    bench.run("orders")
    for lose in (between_judging_and_writing_aside, from_the_files_aside, in_writing_the_table):
        with monkeypatch.context() as patch:
            lose(patch)
            outcome = bench.one("names")
        assert outcome.status == "failed", lose.__name__
        assert "do not add up" in str(outcome.reason), lose.__name__
        assert bench.rows("SELECT order_id FROM names") == [("a",)]
