"""Northwind: unquoted commas make rows ragged, `NULL` is written as a text, pictures are written in hex."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from real_run import RealRun, asked, assert_rows_add_up, assert_same, truth_of

from headgate.cli.quarantine import refused_rows
from headgate.lake.address import lake_at

FIGURES = {
    "order-details rows / distinct orders / sum(qty)": asked(
        "SELECT COUNT(*), COUNT(DISTINCT order_id), SUM(quantity) FROM order_details"
    ),
    "revenue sum(unitPrice*quantity*(1-discount)) and gross": asked(
        "SELECT ROUND(SUM(net), 2), SUM(gross) FROM revenue_by_product"
    ),
}
MONEY = {
    "top 5 products by net revenue": asked(
        "SELECT product_name, net FROM revenue_by_product ORDER BY net DESC, product_id LIMIT 5"
    ),
    "net revenue by category": asked(
        "SELECT category_name, SUM(net) FROM revenue_by_product GROUP BY category_name ORDER BY SUM(net) DESC"
    ),
}
HALF_A_CENT = Decimal("0.005")
RAGGED = {"orders": "orders.csv", "customers": "customers.csv", "suppliers": "suppliers.csv"}


@pytest.fixture(scope="module")
def northwind(real_run, shared_data: Path) -> RealRun:
    ran = real_run("northwind", shared_data / "northwind" / "files")
    ran.again()
    return ran


@pytest.fixture(scope="module")
def ragged(shared_data: Path) -> dict[str, list[list[str]]]:
    """The records of each file that have another number of values than its header, by another reader."""
    return {dataset: _ragged(shared_data / "northwind" / "files" / name) for dataset, name in RAGGED.items()}


def _ragged(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        header, *records = csv.reader(opened)
    return [record for record in records if len(record) != len(header)]


@pytest.mark.parametrize("what", FIGURES)
def test_northwind_gives_the_figure_of_its_truth(northwind: RealRun, shared_data: Path, what: str):
    assert_same(FIGURES[what].answer(northwind), truth_of(shared_data / "northwind")[what])


@pytest.mark.parametrize("what", MONEY)
def test_northwind_money_is_exact_where_the_truth_was_rounded(northwind: RealRun, shared_data: Path, what: str):
    """The truth was added up and rounded in doubles, so that an exact half of a cent went either way."""
    truth = truth_of(shared_data / "northwind")[what]
    found = MONEY[what].answer(northwind)
    assert [name for name, _ in found] == [name for name, _ in truth]
    for (name, exact), (_, rounded) in zip(found, truth, strict=True):
        assert abs(exact - Decimal(str(rounded))) <= HALF_A_CENT, name


def test_no_figure_of_the_northwind_truth_goes_unasked(shared_data: Path):
    assert truth_of(shared_data / "northwind").keys() == FIGURES.keys() | MONEY.keys()


def test_the_rows_of_every_northwind_table_add_up(northwind: RealRun):
    assert_rows_add_up(northwind)


@pytest.mark.parametrize("dataset", RAGGED)
def test_ragged_rows_and_no_others_are_quarantined(northwind: RealRun, ragged: dict, dataset: str):
    assert len(ragged[dataset]) > 0
    assert northwind[dataset].quarantined == len(ragged[dataset])


@pytest.mark.parametrize("dataset", RAGGED)
def test_a_ragged_row_is_kept_with_its_reason_and_its_record(northwind: RealRun, ragged: dict, dataset: str):
    refused = refused_rows(lake_at(str(northwind.folder)), dataset)
    assert sorted(row.values["_raw"] for row in refused) == sorted(",".join(record) for record in ragged[dataset])
    width = len(northwind.project.contracts[dataset].read_columns)
    assert {reason for row in refused for reason in row.reasons} == {f"record: {width + 1} values for {width} columns"}


@pytest.mark.parametrize("dataset", ["orders", "customers", "suppliers", "employees"])
def test_a_null_text_is_never_published(northwind: RealRun, dataset: str):
    texts = [c.name for c in northwind.project.contracts[dataset].columns if c.type == "string"]
    anywhere = " OR ".join(f"{name} = 'NULL'" for name in texts)
    assert northwind.one(f"SELECT COUNT(*) FROM {dataset} WHERE {anywhere}") == 0


def test_the_columns_that_are_not_wanted_are_told_and_not_published(northwind: RealRun):
    assert set(northwind["categories"].drift["ignored"]) == {"picture"}
    assert set(northwind["employees"].drift["ignored"]) == {"photo", "photoPath", "notes"}
