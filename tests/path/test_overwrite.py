"""`overwrite`: all of staging once one object is new or changed."""

from __future__ import annotations

import pytest

from bench import ORDERS, Bench, counted, csv

WAYS = {
    "iceberg": ORDERS + "write: {mode: overwrite}\n",
    "parquet": ORDERS + "write: {mode: overwrite, format: parquet}\npartition_by: [order_id]\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_table_is_what_staging_holds(bench: Bench, way: str) -> None:
    bench.contract("orders", WAYS[way])
    bench.put("orders/a.csv", csv("a b,1.00", "b/ä=%,2.00"))
    bench.one("orders")
    assert bench.one("orders").status == "unchanged"
    gone = bench.put("orders/b.csv", csv("b/ä=%,3.00", "c,4.00"), arrived=60)
    outcome = bench.one("orders")
    names = ("read", "published", "superseded", "inserted", "removed", "rows_before", "rows_after")
    assert counted(outcome, *names) == (4, 3, 1, 3, 2, 2, 3)
    assert bench.rows("SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1") == [("a b", 1), ("b/ä=%", 3), ("c", 4)]
    gone.unlink()
    assert bench.one("orders").status == "unchanged"


def test_a_parquet_table_lies_in_hive_folders_without_the_partition_column_inside(bench: Bench) -> None:
    bench.contract("orders", WAYS["parquet"])
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    run = bench.run("orders").run
    found = {path.rpartition("/")[0] for path in bench.files("lake/data-warehouse/orders") if path.endswith(".parquet")}
    assert found == {f"{run}/order_id=a", f"{run}/order_id=b"}
    inside = bench.spark.read.parquet(str(bench.root / f"lake/data-warehouse/orders/{run}/order_id=a"))
    assert inside.columns == ["amount", "_object", "_arrival", "_run"]
