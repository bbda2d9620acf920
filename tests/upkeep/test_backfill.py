"""Backfill: objects that the ledger knows are read again, by arrival, partition, path, or an older contract."""

from __future__ import annotations

import pytest

from bench import ORDERS, Bench, counted, csv
from headgate.errors import UnusableArgument
from headgate.upkeep.backfill import Selection, selection

DAY = 86_400
TABLE = "SELECT order_id, amount FROM orders ORDER BY ALL"
NAMED = """\
columns:
  - {name: order_id, type: string, required: true}
  - {name: amount, type: string}
key: [order_id]
"""


@pytest.fixture
def orders(bench: Bench) -> Bench:
    """Three objects of three days, and a contract that keeps the amounts as texts."""
    bench.contract("orders", NAMED)
    for number, line in enumerate(("a,1.50", "b,2.50", "c,3.50")):
        bench.put(f"orders/day={number + 1}/x.csv", csv(line), arrived=number * DAY)
    bench.one("orders")
    return bench


def planned(bench: Bench, again: str) -> list[str]:
    """The objects that a backfill would read."""
    return list(bench.one("orders", again=again, dry=True).objects["planned"])


def test_objects_are_selected_by_arrival_the_end_not_included(orders: Bench) -> None:
    assert planned(orders, "arrived=2026-01-02..2026-01-03") == ["orders/day=2/x.csv"]
    assert planned(orders, "arrived=2026-01-02T12:00:00Z..") == ["orders/day=2/x.csv", "orders/day=3/x.csv"]
    assert planned(orders, "arrived=..2026-01-02T14:00:00+02:00") == ["orders/day=1/x.csv"]


def test_objects_are_selected_by_their_path_below_the_sources_folder(orders: Bench) -> None:
    assert planned(orders, "path=day=[13]/*") == ["orders/day=1/x.csv", "orders/day=3/x.csv"]


def test_nothing_selected_is_nothing_read(orders: Bench) -> None:
    outcome = orders.one("orders", again="arrived=2027-01-01..")
    assert (outcome.status, outcome.reason) == ("unchanged", "no object matches `arrived=2027-01-01..`")


def test_what_was_read_under_an_older_contract_is_told_and_read_again_when_asked(orders: Bench) -> None:
    orders.contract("orders", NAMED.replace("type: string}\nkey", "type: string, sentinels: ['2.50']}\nkey"))
    orders.put("orders/day=4/x.csv", csv("d,4.50"), arrived=3 * DAY)
    (note,) = orders.one("orders").notes
    assert note == ("3 objects were read under an older contract; `headgate backfill orders --stale` reads them again")
    outcome = orders.one("orders", again="stale")
    assert counted(outcome, "read", "published", "inserted", "updated", "unchanged") == (3, 3, 0, 1, 2)
    assert outcome.notes == []
    assert orders.rows(TABLE) == [("a", "1.50"), ("b", None), ("c", "3.50"), ("d", "4.50")]
    assert orders.one("orders", again="stale").status == "unchanged"


def test_a_backfill_of_an_old_object_never_overwrites_a_newer_row(orders: Bench) -> None:
    orders.put("orders/day=4/x.csv", csv("a,9.50"), arrived=3 * DAY)
    orders.one("orders")
    outcome = orders.one("orders", again="path=day=1/*")
    assert counted(outcome, "read", "published", "superseded") == (1, 0, 1)
    assert orders.rows(TABLE)[0] == ("a", "9.50")


def test_a_row_whose_own_object_is_read_again_makes_way_whatever_the_order_says(bench: Bench) -> None:
    ordered = NAMED + "order: [{column: amount, direction: desc}]\n"
    bench.contract("orders", ordered)
    bench.put("orders/a.csv", csv("a,7"))
    bench.one("orders")
    bench.contract(
        "orders",
        ordered.replace("{name: amount, type: string}", "{name: said, source: amount, type: string}\n"
                        "  - {name: amount, type: string, derived: \"'5'\"}"),
    )  # fmt: skip
    assert counted(bench.one("orders", again="stale"), "updated", "superseded") == (1, 0)
    assert bench.rows("SELECT order_id, amount FROM orders") == [("a", "5")]


@pytest.mark.parametrize("form", ["iceberg", "parquet"])
def test_append_replaces_the_rows_of_a_partitions_objects(bench: Bench, form: str) -> None:
    body = f"""\
    columns:
      - {{name: sensor, type: string}}
      - {{name: day, type: date, formats: ["yyyy-MM-dd"]}}
    partition_by: [{"months(day)" if form == "iceberg" else "day"}]
    write: {{format: {form}}}
    """
    bench.contract("readings", body)
    for month in ("01", "02"):
        bench.put(f"readings/{month}.csv", csv(f"s{month},2026-{month}-01", header="sensor,day"))
    bench.one("readings")
    asked = "partition=day=2026-02" if form == "iceberg" else "partition=day=2026-02-01"
    outcome = bench.one("readings", again=asked)
    assert counted(outcome, "read", "inserted", "removed", "rows_after") == (1, 1, 1, 2)
    assert bench.rows("SELECT sensor FROM readings ORDER BY 1") == [("s01",), ("s02",)]


def test_overwrite_reads_all_of_staging_once_an_object_is_selected(bench: Bench) -> None:
    bench.contract("orders", ORDERS + "write: {mode: overwrite}\n")
    bench.put("orders/a.csv", csv("a,1"))
    bench.put("orders/b.csv", csv("b,2"))
    bench.one("orders")
    assert counted(bench.one("orders", again="path=a.csv"), "read", "inserted", "removed") == (2, 2, 2)


def test_a_selection_is_spelled_in_one_text() -> None:
    assert selection("") is None
    assert selection("stale") == Selection("stale")
    assert str(selection("partition=day=2026")) == "partition=day=2026"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("all", "`all` is not a selection of objects"),
        ("stale=yes", "`stale=yes` is not a selection of objects"),
        ("path=", "`path=` is not a selection of objects"),
        ("arrived=2026-01-01", "`arrived=2026-01-01` is not a span of time"),
        ("arrived=..", "`arrived=..` is not a span of time"),
        ("arrived=yesterday..", "`yesterday` is not a date"),
        ("partition=day", "`partition=day` must name a column and a value"),
    ],
)
def test_a_text_that_selects_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(UnusableArgument) as refused:
        selection(text)
    assert refused.value.what == message and "Write " in refused.value.remedy


def test_a_partition_that_the_table_does_not_have_is_refused_before_anything_is_started(bench: Bench) -> None:
    bench.contract("orders", ORDERS + "partition_by: ['bucket(4, order_id)']\n")
    bench.put("orders/a.csv", csv("a,1"))
    for column in ("order_id", "amount"):
        with pytest.raises(UnusableArgument, match=f"`{column}` selects no partition; .* by `bucket"):
            bench.run("orders", again=f"partition={column}=a")
    with pytest.raises(UnusableArgument, match="a full rebuild reads everything"):
        bench.run("orders", again="stale", full=True)
