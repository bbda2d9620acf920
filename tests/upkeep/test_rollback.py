"""Rollback, hold and resume: what readers see goes back in one step, and stays until the hold ends."""

from __future__ import annotations

import pytest

from bench import ORDERS, Bench, counted, csv
from headgate.errors import RunFailed, UnusableArgument
from headgate.lake.ledger import read_ledger
from headgate.project import load_project
from headgate.publish.formats import table_of
from headgate.upkeep.rollback import publications, put_on_hold, resume, roll_back

TABLE = "SELECT order_id, CAST(amount AS double) FROM orders ORDER BY ALL"
KINDS = {
    "merge": ORDERS,
    "parquet": ORDERS.replace("key: [order_id]\n", "write: {format: parquet}\npartition_by: [order_id]\n"),
}


@pytest.fixture(params=KINDS)
def twice(request: pytest.FixtureRequest, bench: Bench) -> Bench:
    """Two publications: a and b, then c and another a."""
    bench.contract("orders", KINDS[request.param])
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.run()
    bench.put("orders/2.csv", csv("c,3", "d,4"), arrived=60)
    bench.run()
    return bench


def contract(bench: Bench, name: str = "orders"):
    return load_project(bench.root / "contracts", bench.lake).contracts[name]


def test_a_rollback_shows_the_former_rows_with_their_ledger_and_holds_until_resume(twice: Bench) -> None:
    orders = contract(twice)
    first, second = (result.run for result in twice.runs)
    put_back = roll_back(twice.spark, twice.lake, orders)
    assert put_back.run == first
    assert twice.rows(TABLE) == [("a", 1), ("b", 2)]
    table = table_of(lambda: twice.lake.session(twice.spark), twice.lake, orders, "look")
    assert set(read_ledger(twice.lake.storage, "orders", table.pointer()).entries) == {"orders/1.csv"}

    outcome = twice.one("orders")
    assert (outcome.status, outcome.reason) == ("skipped", "hold")
    assert (
        f"rolled back from {second} to {first}" in outcome.notes[0] and "`headgate resume orders`" in outcome.notes[0]
    )
    assert twice.rows(TABLE) == [("a", 1), ("b", 2)]
    assert twice.one("orders", dry=True).status == "skipped"
    assert twice.one("orders", full=True).status == "skipped"

    assert first in str(resume(twice.spark, twice.lake, orders))
    outcome = twice.one("orders")
    assert counted(outcome, "read", "inserted", "rows_before", "rows_after") == (2, 2, 2, 4)
    assert twice.rows(TABLE) == [("a", 1), ("b", 2), ("c", 3), ("d", 4)]
    assert resume(twice.spark, twice.lake, orders) is None


def test_any_former_publication_can_be_named_and_those_after_it_are_forgotten(twice: Bench) -> None:
    twice.put("orders/3.csv", csv("e,5"), arrived=120)
    twice.run()
    orders, runs = contract(twice), [result.run for result in twice.runs]
    now, former = publications(twice.spark, twice.lake, orders)
    assert str(now).endswith(f"{runs[2]}.json") and [f.run for f in former] == [runs[1], runs[0]]
    with pytest.raises(UnusableArgument, match="no former publication nosuch of `orders`") as refused:
        roll_back(twice.spark, twice.lake, orders, "nosuch")
    assert refused.value.remedy == f"Those that can be put back: {runs[1]}, {runs[0]}."
    roll_back(twice.spark, twice.lake, orders, runs[0])
    assert twice.rows(TABLE) == [("a", 1), ("b", 2)]
    with pytest.raises(UnusableArgument, match="no former publication of `orders`"):
        roll_back(twice.spark, twice.lake, orders)


def test_a_rebuilt_table_can_be_put_back_while_its_columns_are_still_there(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.run()
    wider = ORDERS.replace("key:", "  - {name: note, type: string, derived: \"'new'\"}\nkey:")
    bench.contract("orders", wider)
    bench.one("orders", full=True)  # replaced: the table has another schema now
    assert bench.rows("SELECT DISTINCT note FROM orders") == [("new",)]
    roll_back(bench.spark, bench.lake, contract(bench))
    assert bench.rows("SELECT order_id, note FROM orders ORDER BY 1") == [("a", None), ("b", None)]

    resume(bench.spark, bench.lake, contract(bench))
    bench.contract("orders", ORDERS.replace('"decimal(12,2)"', "string").replace(", minimum: 0", ""))
    bench.one("orders", full=True)
    with pytest.raises(RunFailed, match=r"the table no longer has columns that .* published: `amount`"):
        roll_back(bench.spark, bench.lake, contract(bench))
    assert bench.rows("SELECT order_id, amount FROM orders ORDER BY 1") == [("a", "1"), ("b", "2")]


def test_marts_over_a_dataset_on_hold_are_made_of_what_is_published(bench: Bench) -> None:
    bench.contract("orders")
    bench.contract(
        "totals", "source: {query: totals.sql}\ncolumns: [{name: orders, type: bigint}]\nwrite: {mode: overwrite}\n"
    )
    bench.sql("totals.sql", "SELECT count(*) AS orders FROM orders")
    bench.put("orders/1.csv", csv("a,1", "b,2"))
    bench.run()
    bench.put("orders/2.csv", csv("c,3"), arrived=60)
    bench.run()
    roll_back(bench.spark, bench.lake, contract(bench))
    result = bench.run()
    assert [outcome.status for outcome in result.outcomes.values()] == ["skipped", "published"]
    assert (result.exit_code, bench.rows("SELECT orders FROM totals")) == (0, [(2,)])
    roll_back(bench.spark, bench.lake, contract(bench, "totals"))
    assert bench.rows("SELECT orders FROM totals") == [(3,)]
    assert bench.one("totals").reason == "hold"


def test_a_dataset_can_be_put_on_hold_where_it_stands(twice: Bench) -> None:
    twice.put("orders/3.csv", csv("e,5"), arrived=120)
    put_on_hold(twice.spark, twice.lake, contract(twice), "prices are checked by hand")
    outcome = twice.one("orders")
    assert outcome.status == "skipped" and "on hold: prices are checked by hand, at 20" in outcome.notes[0]
    assert len(twice.rows(TABLE)) == 4
    resume(twice.spark, twice.lake, contract(twice))
    assert counted(twice.one("orders"), "read", "rows_after") == (1, 5)


def test_what_was_never_published_cannot_be_held_or_put_back(bench: Bench) -> None:
    bench.contract("orders")
    for act in (put_on_hold, resume):
        with pytest.raises(RunFailed, match="`orders` was never published"):
            act(bench.spark, bench.lake, contract(bench))
    with pytest.raises(UnusableArgument, match="there is no former publication"):
        roll_back(bench.spark, bench.lake, contract(bench))


def test_a_field_that_was_added_inside_a_column_since_does_not_hinder_a_rollback(bench: Bench) -> None:
    body = 'source: {format: json}\ncolumns: [{name: id, type: int}, {name: item, type: "struct<sku:string>"}]\n'
    bench.contract("things", body)
    bench.put("things/1.json", '{"id": 1, "item": {"sku": "a"}}\n')
    bench.one("things")
    bench.contract("things", body.replace("sku:string", "sku:string,n:int"))
    bench.put("things/2.json", '{"id": 2, "item": {"sku": "b", "n": 3}}\n', arrived=60)
    bench.one("things")
    roll_back(bench.spark, bench.lake, load_project(bench.root / "contracts", bench.lake).contracts["things"], "")
    assert bench.rows("SELECT id, item.n FROM things") == [(1, None)]
