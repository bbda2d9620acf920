"""`merge`: one row per key, newest wins, and reading anything again never takes a step back."""

from __future__ import annotations

from bench import Bench, counted, csv

TABLE = "SELECT order_id, amount::VARCHAR FROM orders ORDER BY order_id"
ORDERED = """\
columns:
  - {name: order_id, type: string, required: true}
  - {name: amount, type: int}
  - {name: changed, type: date, formats: ["yyyy-MM-dd"]}
key: [order_id]
order: [{column: changed}]
"""


def test_the_first_run_publishes_what_passed_and_quarantines_what_did_not(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "b,2.00", "c,-1", "d,x"))
    outcome = bench.one("orders")
    assert outcome.status == "published"
    assert counted(outcome, "read", "published", "superseded", "skipped", "quarantined") == (5, 2, 1, 0, 2)
    assert counted(outcome, "rows_before", "inserted", "removed", "rows_after") == (0, 2, 0, 2)
    assert bench.rows(TABLE) == [("a", "1.00"), ("b", "2.00")]


def test_running_twice_changes_nothing(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    before = bench.files()
    outcome = bench.one("orders")
    assert outcome.status == "unchanged"
    assert counted(outcome, "read", "published", "rows_before", "rows_after") == (0, 0, 1, 1)
    assert bench.files() == before


def test_a_later_file_updates_inserts_and_leaves_alone(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("b,3.00", "a,1.00", "c,4.00"), arrived=60)
    outcome = bench.one("orders")
    assert counted(outcome, "read", "inserted", "updated", "unchanged", "rows_before", "rows_after") == (
        3,
        1,
        1,
        1,
        2,
        3,
    )
    assert bench.rows(TABLE) == [("a", "1.00"), ("b", "3.00"), ("c", "4.00")]


def test_a_key_that_stays_the_same_keeps_its_object_and_run(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    first = bench.run("orders").run
    bench.put("orders/b.csv", csv("a,1.00", "b,2.00"), arrived=60)
    second = bench.run("orders").run
    rows = bench.rows("SELECT order_id, _object, _run FROM orders ORDER BY 1")
    assert rows == [("a", "orders/a.csv", first), ("b", "orders/b.csv", second)]


def test_a_touched_file_is_read_again_and_changes_nothing(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    table = bench.rows("SELECT * FROM orders ORDER BY order_id")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"), arrived=60)
    outcome = bench.one("orders")
    assert counted(outcome, "read", "inserted", "updated", "unchanged") == (2, 0, 0, 2)
    assert bench.rows("SELECT * FROM orders ORDER BY order_id") == table


def test_late_data_loses_to_the_newer_stored_row(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/new.csv", csv("a,2.00"), arrived=60)
    bench.one("orders")
    bench.put("orders/old.csv", csv("a,1.00", "b,1.00"), arrived=0)
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "superseded", "inserted", "updated") == (2, 1, 1, 1, 0)
    assert bench.rows(TABLE) == [("a", "2.00"), ("b", "1.00")]


def test_the_declared_order_decides_before_arrival_and_nulls_are_oldest(bench: Bench) -> None:
    bench.contract("orders", ORDERED)
    lines = ("a,1,2026-01-03", "a,2,2026-01-02", "a,3,", "b,1,", "b,2,2026-01-01")
    bench.put("orders/a.csv", csv(*lines, header="order_id,amount,changed"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("a,9,2026-01-02", "b,9,", header="order_id,amount,changed"), arrived=60)
    outcome = bench.one("orders")
    assert counted(outcome, "superseded", "updated") == (2, 0)
    assert bench.rows("SELECT order_id, amount FROM orders ORDER BY 1") == [("a", 1), ("b", 2)]


def test_ascending_order_lets_the_smallest_win(bench: Bench) -> None:
    bench.contract("orders", ORDERED.replace("{column: changed}", "{column: amount, direction: asc}"))
    bench.put("orders/a.csv", csv("a,2,", "a,1,", "a,3,", header="order_id,amount,changed"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("a,5,", header="order_id,amount,changed"), arrived=60)
    bench.one("orders")
    assert bench.rows("SELECT order_id, amount FROM orders") == [("a", 1)]


def test_equal_arrivals_are_decided_the_same_way_whatever_the_order_of_reading(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/x.csv", csv("a,1.00"))
    bench.one("orders")
    bench.put("orders/y.csv", csv("a,2.00"))  # the same arrival: the greater path is newer
    bench.one("orders")
    bench.put("orders/w.csv", csv("a,3.00"))
    bench.one("orders")
    assert bench.rows(TABLE) == [("a", "2.00")]


def test_a_winner_that_says_what_is_stored_moves_the_arrival_past_the_loser_it_beat(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/1.csv", csv("a,1.00"), arrived=0)
    bench.one("orders")
    bench.put("orders/2.csv", csv("a,2.00"), arrived=60)
    bench.put("orders/3.csv", csv("a,1.00"), arrived=120)
    assert counted(bench.one("orders"), "unchanged", "superseded") == (1, 1)
    bench.put("orders/2.csv", csv("a,2.00", "b,1.00"), arrived=90)  # rewritten, and still older than 3.csv
    assert counted(bench.one("orders"), "superseded", "inserted", "updated") == (1, 1, 0)
    assert bench.rows(TABLE) == [("a", "1.00"), ("b", "1.00")]


def test_keys_that_a_rewritten_object_no_longer_names_are_counted_and_kept(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,3.00"))
    bench.one("orders")
    bench.put("orders/a.csv", csv("a,1.00", "c,x"), arrived=60)  # c is refused, not gone
    outcome = bench.one("orders")
    assert counted(outcome, "vanished", "removed", "rows_after") == (1, 0, 3)


def test_keys_that_a_rewritten_object_no_longer_names_are_deleted_where_the_contract_says_so(bench: Bench) -> None:
    from bench import ORDERS

    bench.contract("orders", ORDERS + "write: {on_vanish: delete}\n")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,3.00"))
    bench.one("orders")
    bench.put("orders/a.csv", csv("a,9.00", "c,x"), arrived=60)
    outcome = bench.one("orders")
    assert counted(outcome, "vanished", "removed", "updated", "rows_before", "rows_after") == (1, 1, 1, 3, 2)
    assert bench.rows(TABLE) == [("a", "9.00"), ("c", "3.00")]


def test_a_deleted_object_changes_nothing(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    gone = bench.put("orders/b.csv", csv("b,1.00"))
    bench.one("orders")
    gone.unlink()
    assert bench.one("orders").status == "unchanged"
    assert len(bench.rows(TABLE)) == 2


def test_full_rebuilds_from_staging_in_one_snapshot(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"), arrived=0)
    bench.one("orders")
    bench.put("orders/b.csv", csv("a,2.00", "b,1.00"), arrived=60)
    bench.one("orders")
    outcome = bench.one("orders", full=True)
    assert counted(outcome, "read", "published", "superseded", "inserted", "removed", "rows_after") == (
        3,
        2,
        1,
        2,
        2,
        2,
    )
    assert bench.rows(TABLE) == [("a", "2.00"), ("b", "1.00")]


def test_full_stops_when_an_object_of_the_ledger_is_gone(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    gone = bench.put("orders/b.csv", csv("b,1.00"))
    bench.one("orders")
    gone.unlink()
    outcome = bench.one("orders", full=True)
    assert outcome.status == "failed"
    assert "`orders/b.csv`" in str(outcome.reason)
    assert len(bench.rows(TABLE)) == 2


def test_a_dry_run_lists_the_objects_and_writes_nothing(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    outcome = bench.one("orders", dry=True)
    assert outcome.status == "planned"
    assert outcome.objects["planned"] == ["orders/a.csv"]
    assert not [file for file in bench.files() if not file.startswith("_locks/")]
