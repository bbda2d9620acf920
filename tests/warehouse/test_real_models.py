"""Chinook and Northwind, eleven tables each, in the warehouse; the figures of truth.json are read from there."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from real_models import CHINOOK_NEW, CHINOOK_REFERENCES, NORTHWIND_NEW, NORTHWIND_REFERENCES, write_model

from bench import Bench

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.needs("real data")]

SALES = (
    "FROM lake.invoice_lines l JOIN lake.tracks t ON l.track_id = t.track_id "
    "JOIN lake.albums b ON t.album_id = b.album_id JOIN lake.artists a ON b.artist_id = a.artist_id "
    "JOIN lake.genres g ON t.genre_id = g.genre_id "
)
CHINOOK = {
    "rows invoice / invoiceline / track / customer": "SELECT (SELECT COUNT(*) FROM lake.invoices), "
    "(SELECT COUNT(*) FROM lake.invoice_lines), (SELECT COUNT(*) FROM lake.tracks), "
    "(SELECT COUNT(*) FROM lake.customers)",
    "sum Invoice.Total vs sum UnitPrice*Quantity": "SELECT (SELECT SUM(total) FROM lake.invoices), "
    "(SELECT SUM(unit_price * quantity) FROM lake.invoice_lines)",
    "top 5 artists by revenue": f"SELECT a.artist_name, SUM(l.amount) {SALES} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5",
    "revenue by genre top 5": f"SELECT g.genre_name, SUM(l.amount) {SALES} GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    "revenue by year": "SELECT EXTRACT(YEAR FROM invoiced_at), SUM(total) FROM lake.invoices GROUP BY 1 ORDER BY 1",
    "tracks with empty Composer; tracks never sold": "SELECT "
    "(SELECT COUNT(*) FROM lake.tracks WHERE composer IS NULL), "
    "(SELECT COUNT(*) FROM lake.tracks WHERE track_id NOT IN (SELECT track_id FROM lake.invoice_lines))",
    "top 5 countries by revenue": "SELECT country, SUM(total) FROM lake.invoices GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
}
NET = "SUM(d.unit_price * d.quantity * (1 - d.discount))"
NORTHWIND = {
    "order-details rows / distinct orders / sum(qty)": "SELECT COUNT(*), COUNT(DISTINCT order_id), SUM(quantity) "
    "FROM lake.order_details",
    "revenue sum(unitPrice*quantity*(1-discount)) and gross": f"SELECT ROUND({NET}, 2), SUM(d.gross) "
    "FROM lake.order_details d",
    "top 5 products by net revenue": f"SELECT p.product_name, {NET} FROM lake.order_details d "
    "JOIN lake.products p ON d.product_id = p.product_id GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
    "net revenue by category": f"SELECT c.category_name, {NET} FROM lake.order_details d "
    "JOIN lake.products p ON d.product_id = p.product_id JOIN lake.categories c ON p.category_id = c.category_id "
    "GROUP BY 1 ORDER BY 2 DESC",
}


def fill(bench: Bench, files: Path, redshift: Any) -> dict[str, Any]:
    shutil.copytree(files, bench.root / "staging", dirs_exist_ok=True)
    outcomes = bench.run().outcomes
    assert {name: outcome.status for name, outcome in outcomes.items()} == dict.fromkeys(outcomes, "published")
    assert len(outcomes) == 11
    redshift.make_tables(bench)
    redshift.load(bench)
    return dict(outcomes)


def assert_true(found: list[tuple[str | None, ...]], truth: list[list[Any]]) -> None:
    """Texts equal; numbers equal, or within half a cent where the truth was rounded."""
    assert len(found) == len(truth)
    for row, expected in zip(found, truth, strict=True):
        for value, true in zip(row, expected, strict=True):
            try:
                assert abs(Decimal(str(value)) - Decimal(str(true))) <= Decimal("0.005"), (row, expected)
            except ArithmeticError:
                assert value == true


def truth_of(folder: Path) -> dict[str, Any]:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return {figure["what"]: figure["result"] for figure in truth["truth"]}


def orphans(outcomes: dict[str, Any]) -> dict[str, int]:
    checks = [check for outcome in outcomes.values() for check in outcome.checks if check.check.expect == "reference"]
    return {check.check.id.removeprefix("references."): check.unexpected_count for check in checks}


def test_chinooks_figures_are_read_back_from_the_warehouse(bench: Bench, shared_data: Path, redshift) -> None:
    write_model(bench, "chinook", CHINOOK_NEW, CHINOOK_REFERENCES)
    outcomes = fill(bench, shared_data / "chinook" / "files", redshift)
    assert set(orphans(outcomes).values()) == {0}
    assert len(orphans(outcomes)) == 10  # two tables refer to the tracks by the same column
    truth = truth_of(shared_data / "chinook")
    assert truth.keys() == CHINOOK.keys()
    for what, sql in CHINOOK.items():
        assert_true(redshift.rows(sql), truth[what])
    for name, table in redshift.verify(bench).items():
        assert table.success, (name, table.differing)
    boss = (
        "SELECT b.title FROM lake.employees e JOIN lake.employees b ON e.reports_to = b.employee_id "
        "WHERE e.employee_id = 2"
    )
    assert redshift.rows(boss) == [("General Manager",)]


def test_northwinds_figures_are_read_back_and_its_ragged_rows_leave_counted_orphans(
    bench: Bench, shared_data: Path, redshift
) -> None:
    write_model(bench, "northwind", NORTHWIND_NEW, NORTHWIND_REFERENCES)
    outcomes = fill(bench, shared_data / "northwind" / "files", redshift)
    truth = truth_of(shared_data / "northwind")
    assert truth.keys() == NORTHWIND.keys()
    for what, sql in NORTHWIND.items():
        assert_true(redshift.rows(sql), truth[what])
    for name, table in redshift.verify(bench).items():
        assert table.success, (name, table.differing)
    found = orphans(outcomes)
    assert found["customer_id → customers"] == 0  # whoever orders from a ragged customer is ragged too
    counted = found["order_id → orders"]
    sql = "SELECT COUNT(*) FROM lake.order_details WHERE order_id NOT IN (SELECT order_id FROM lake.orders)"
    assert counted > 0
    assert redshift.rows(sql) == [(str(counted),)]
