"""Chinook: a clean star schema whose totals reconcile to the cent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from real_run import Figure, RealRun, asked, assert_rows_add_up, assert_same, truth_of


def _top(dimension: str, rows: int) -> Figure:
    return asked(
        f"SELECT value, revenue FROM revenue WHERE dimension = '{dimension}' ORDER BY revenue DESC, value LIMIT {rows}"
    )


FIGURES = {
    "rows invoice / invoiceline / track / customer": asked(
        "SELECT (SELECT COUNT(*) FROM invoices), (SELECT COUNT(*) FROM invoice_lines),"
        " (SELECT COUNT(*) FROM tracks), (SELECT COUNT(*) FROM customers)"
    ),
    "sum Invoice.Total vs sum UnitPrice*Quantity": asked(
        "SELECT (SELECT SUM(total) FROM invoices), (SELECT SUM(amount) FROM invoice_lines)"
    ),
    "top 5 artists by revenue": _top("artist", 5),
    "revenue by genre top 5": _top("genre", 5),
    "revenue by year": asked("SELECT value, revenue FROM revenue WHERE dimension = 'year' ORDER BY value"),
    "tracks with empty Composer; tracks never sold": asked(
        "SELECT (SELECT COUNT(*) FROM tracks WHERE composer IS NULL), (SELECT COUNT(*) FROM tracks_never_sold)"
    ),
    "top 5 countries by revenue": _top("country", 5),
}


@pytest.fixture(scope="module")
def chinook(real_run, shared_data: Path) -> RealRun:
    ran = real_run("chinook", shared_data / "chinook" / "files")
    ran.again()
    return ran


@pytest.mark.parametrize("what", FIGURES)
def test_chinook_gives_the_figure_of_its_truth(chinook: RealRun, shared_data: Path, what: str):
    assert_same(FIGURES[what].answer(chinook), truth_of(shared_data / "chinook")[what])


def test_no_figure_of_the_chinook_truth_goes_unasked(shared_data: Path):
    assert truth_of(shared_data / "chinook").keys() == FIGURES.keys()


def test_the_rows_of_every_chinook_table_add_up(chinook: RealRun):
    assert_rows_add_up(chinook)


def test_revenue_is_the_same_by_every_dimension(chinook: RealRun):
    totals = chinook.rows("SELECT dimension, SUM(revenue), SUM(lines) FROM revenue GROUP BY dimension")
    assert len({(revenue, lines) for _, revenue, lines in totals}) == 1
    assert len(totals) == 4


def test_no_email_of_a_customer_reaches_a_table_in_clear(chinook: RealRun, shared_data: Path):
    with (shared_data / "chinook" / "files" / "Customer.csv").open(encoding="utf-8", newline="") as file:
        emails = {row["Email"] for row in csv.DictReader(file)}
    masked = {email for (email,) in chinook.rows("SELECT email FROM customers UNION SELECT customer_email FROM sales")}
    assert len(masked) == len(emails)
    assert not masked & emails
    assert not any("@" in email for email in masked)


def test_names_keep_their_accents(chinook: RealRun):
    assert chinook.one("SELECT COUNT(*) FROM customers WHERE city = 'São José dos Campos'") == 1
