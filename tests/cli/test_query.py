"""`headgate query`: published tables by any of their names, and an answer that helps when there is none."""

from __future__ import annotations

import pytest

from bench import Bench, csv
from headgate.cli.query import query
from headgate.errors import UnusableArgument

PARQUET = """\
columns:
  - {name: day, type: date, formats: ["yyyy-MM-dd"]}
  - {name: visits, type: int}
write: {format: parquet}
partition_by: [day]
"""


@pytest.fixture
def lake(bench: Bench) -> Bench:
    """One table in each format."""
    bench.contract("orders")
    bench.contract("visits", PARQUET)
    bench.put("orders/a.csv", csv("a,1"))
    bench.put("visits/a.csv", csv("2026-01-01,7", "2026-01-02,8", header="day,visits"))
    bench.run()
    return bench


def test_a_table_goes_by_its_dataset_or_its_name_with_or_without_the_database(lake: Bench) -> None:
    for orders, visits in (
        ("orders", "visits"),
        ("tbl_orders", "tbl_visits"),
        ("data_warehouse_db.tbl_orders", "data_warehouse_db.tbl_visits"),
        ("data_warehouse_db.orders", "data_warehouse_db.visits"),
    ):
        joined = f"SELECT order_id, day::VARCHAR, visits FROM {orders}, {visits} WHERE day > '2026-01-01'"
        assert lake.rows(joined) == [("a", "2026-01-02", 8)]


def test_a_query_that_cannot_be_answered_names_the_published_tables(lake: Bench) -> None:
    with pytest.raises(UnusableArgument, match=r"cannot be answered: .*orderz") as refused:
        query("SELECT * FROM orderz", lake.lake)
    assert refused.value.remedy == "Published tables: orders, visits."


def test_a_folder_that_is_no_lake_is_refused(bench: Bench) -> None:
    with pytest.raises(UnusableArgument, match="there is no lake here") as refused:
        query("SELECT 1", bench.lake)
    assert refused.value.where == f"{bench.root}/lake"
