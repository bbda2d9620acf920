"""A small batch and a long history: what the batch cannot meet is not read, and with `merge_on_read` not rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from bench import Bench, counted, csv
from headgate.project import load_project
from headgate.upkeep.maintain import maintain

BY_DAY = """\
columns:
  - {name: order_id, type: int, required: true}
  - {name: day, type: date, required: true, formats: ["yyyy-MM-dd"]}
  - {name: amount, type: int}
  - {name: state, type: string}
key: [order_id, day]
delete_when: state = 'gone'
partition_by: [days(day)]
"""
BY_ID = BY_DAY.replace("key: [order_id, day]", "key: [order_id]")
ON_READ = f"{BY_ID}write: {{merge_on_read: true, on_vanish: delete}}\n"
HEADER = "order_id,day,amount,state"
TABLE = "SELECT order_id, day::VARCHAR, amount FROM orders ORDER BY ALL"


def history(bench: Bench, body: str) -> None:
    bench.contract("orders", body)
    lines = [f"{day * 10 + n},2026-01-0{day},{n}," for day in (1, 2, 3) for n in range(8)]
    bench.put("orders/1.csv", csv(*lines, header=HEADER))
    assert bench.one("orders").status == "published"


def data_files(bench: Bench) -> set[Path]:
    return {*(bench.root / "lake/data-warehouse/data_warehouse_db/tbl_orders/data").rglob("*.parquet")}


def test_partitions_that_the_key_rules_out_are_not_read(bench: Bench) -> None:
    history(bench, BY_DAY)
    others = [file for file in data_files(bench) if "2026-01-03" not in str(file)]
    assert others
    for file in others:
        file.write_bytes(b"whoever reads this file fails")
        file.with_name(f".{file.name}.crc").unlink()
    bench.put("orders/2.csv", csv("30,2026-01-03,100,", "99,2026-01-03,7,", "31,2026-01-03,0,gone", header=HEADER), 60)
    outcome = bench.one("orders")
    assert outcome.status == "published"
    assert counted(outcome, "inserted", "updated", "deleted", "rows_before", "rows_after") == (1, 1, 1, 24, 24)


def test_keys_outside_the_bounds_are_new_and_those_inside_are_compared(bench: Bench) -> None:
    history(bench, BY_DAY)
    bench.put("orders/2.csv", csv("10,2026-01-01,5,", "10,2026-01-04,6,", "17,2026-01-01,7,", header=HEADER), 60)
    outcome = bench.one("orders")
    assert counted(outcome, "inserted", "updated", "unchanged", "rows_after") == (1, 1, 1, 25)
    assert (10, "2026-01-01", 5) in bench.rows(TABLE)


def test_with_merge_on_read_the_replaced_rows_are_named_and_their_files_stay(bench: Bench) -> None:
    history(bench, ON_READ)
    before = data_files(bench)
    bench.put("orders/2.csv", csv("10,2026-01-09,100,", "99,2026-01-02,7,", "20,2026-01-02,0,gone", header=HEADER), 60)
    outcome = bench.one("orders")
    assert counted(outcome, "inserted", "updated", "deleted", "rows_before", "rows_after") == (1, 1, 1, 24, 24)
    rows = bench.rows(TABLE)
    assert len(rows) == 24
    assert {row[0] for row in rows} == {*range(10, 18), *range(21, 28), *range(30, 38), 99}
    assert (10, "2026-01-09", 100) in rows
    session = bench.lake.session(bench.spark)
    table = bench.lake.spark_table("orders")
    read = {row.file_path for row in session.sql(f"SELECT file_path FROM {table}.data_files").collect()}
    assert {str(file) for file in before} <= {path.removeprefix("file:") for path in read}
    assert session.table(table).count() == 24


def test_a_table_with_delete_files_is_unchanged_without_spark_vanishes_and_is_maintained(bench: Bench) -> None:
    history(bench, ON_READ)
    bench.put("orders/2.csv", csv("10,2026-01-09,100,", "11,2026-01-09,101,", header=HEADER), 60)
    bench.one("orders")

    def no_spark() -> SparkSession:
        raise AssertionError("Spark was started")

    unchanged = bench.one("orders", start=no_spark)
    assert (unchanged.status, unchanged.rows_after) == ("unchanged", 24)
    bench.put("orders/2.csv", csv("10,2026-01-09,102,", header=HEADER), 120)
    vanished = bench.one("orders")
    assert counted(vanished, "updated", "removed", "rows_after") == (1, 1, 23)
    rows = bench.rows(TABLE)
    session = bench.lake.session(bench.spark)
    deletes = f"SELECT count(*) AS n FROM {bench.lake.spark_table('orders')}.delete_files"
    assert session.sql(deletes).first()["n"] > 0  # type: ignore[index]
    contract = load_project(bench.root / "contracts", bench.lake).contracts["orders"]
    (maintained,) = maintain(bench.spark, bench.lake, [contract], 7)
    assert (maintained.status, maintained.error) == ("maintained", None)
    assert session.sql(deletes).first()["n"] == 0  # type: ignore[index]
    assert bench.rows(TABLE) == rows
    assert bench.one("orders", start=no_spark).rows_after == 23


@pytest.mark.parametrize("words", [True, False], ids=["turned on", "turned off"])
def test_the_choice_can_change_from_one_run_to_the_next(bench: Bench, words: bool) -> None:
    copy_on_write = ON_READ.replace("merge_on_read: true, ", "")
    history(bench, copy_on_write if words else ON_READ)
    bench.contract("orders", ON_READ if words else copy_on_write)
    for batch in (1, 2):
        bench.put("orders/1.csv", csv(*(f"{n},2026-01-01,{batch}," for n in (10, 11)), header=HEADER), 60 * batch)
        bench.one("orders")
        bench.put(f"orders/b{batch}.csv", csv(f"10,2026-01-02,{batch}0,", header=HEADER), 60 * batch + 1)
        bench.one("orders")
    assert bench.rows(TABLE) == [(10, "2026-01-02", 20), (11, "2026-01-01", 2)]
