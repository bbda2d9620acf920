"""`headgate backfill`, `rollback`, `hold`, `resume` and `maintain`, as a person types them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from bench import ORDERS, Bench, csv
from headgate import runtime
from headgate.cli.app import app


@pytest.fixture
def headgate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Type a command in the project's folder; this test's Spark answers."""
    monkeypatch.setattr(runtime, "local_session", lambda app, **how: bench.spark)
    monkeypatch.chdir(bench.root)
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=False)


@pytest.fixture
def orders(bench: Bench) -> Bench:
    bench.contract("orders")
    for number, line in enumerate(("a,1", "b,2")):
        bench.put(f"orders/{number}.csv", csv(line), arrived=number)
        bench.one("orders")
    return bench


def test_a_publication_is_put_back_and_goes_on(orders: Bench, headgate: Callable[..., Result]) -> None:
    first, second = (result.run for result in orders.runs)
    assert headgate("rollback", "orders", "--list").output == f"now: {second}\n     {first}\n"
    output = headgate("rollback", "orders").output
    assert f"orders shows what {first} published, and is on hold." in output and "headgate resume orders" in output
    assert orders.rows("SELECT order_id FROM orders") == [("a",)]
    run = headgate("run")
    assert run.exit_code == 0 and "note: orders: on hold: rolled back from" in run.output
    assert "orders is no longer on hold. The hold was: rolled back" in headgate("resume", "orders").output
    assert headgate("resume", "orders").output == "orders was not on hold.\n"
    assert json.loads(headgate("run", "--json").stdout)["datasets"]["orders"]["inserted"] == 1


def test_a_hold_says_its_reason(orders: Bench, headgate: Callable[..., Result]) -> None:
    assert "orders is on hold" in headgate("hold", "orders", "--reason", "an audit").output
    assert re.search(r"skipped: orders: hold\n.*on hold: an audit, at", headgate("run").output, re.DOTALL)
    elsewhere = headgate("run", "--lake", "../" + orders.root.name + "/lake").output
    assert f"to end the hold: `headgate resume orders --lake ../{orders.root.name}/lake`" in elsewhere


def test_what_is_to_be_read_again_is_a_whole_command(orders: Bench, headgate: Callable[..., Result]) -> None:
    orders.contract("orders", ORDERS.replace("minimum: 0", "minimum: -1"))
    orders.put("orders/2.csv", csv("c,3"), arrived=9)
    source = str(orders.root / "staging")
    said = headgate("run", "--source", source).output
    assert f"under an older contract; `headgate backfill orders --stale --source {source}` reads them again" in said


def test_objects_are_read_again_by_one_selection(orders: Bench, headgate: Callable[..., Result]) -> None:
    listed = headgate("backfill", "orders", "--path", "1.csv", "--dry-run").output
    assert "would read: orders/1.csv" in listed and "orders/0.csv" not in listed
    done = json.loads(headgate("backfill", "orders", "--arrived", "2026-01-01..", "--json").stdout)
    assert (done["datasets"]["orders"]["read"], done["datasets"]["orders"]["unchanged"]) == (2, 2)
    for words, message in (
        ((), "choose what to re-read"),
        (("--stale", "--path", "x"), "more than one choice of what to re-read"),
    ):
        refused = CliRunner().invoke(app, ["backfill", "orders", *words])
        assert message in str(refused.exception)


def test_maintenance_says_what_it_did(orders: Bench, headgate: Callable[..., Result]) -> None:
    orders.contract("visits")
    for number in range(2, 6):
        orders.put(f"orders/{number}.csv", csv(f"k{number},1"), arrived=number)
        orders.one("orders")
    done = headgate("maintain")
    assert done.output == (
        "maintained: orders: files compacted 6, files written 1\nabsent: visits: nothing to do\n"
    )  # fmt: skip
    assert json.loads(headgate("maintain", "orders", "--json").stdout)["orders"]["files_compacted"] == 0


def test_a_folder_that_is_no_lake_is_refused_and_stays_as_it_is(bench: Bench, headgate: Callable[..., Result]) -> None:
    bench.contract("orders")
    for command in ("rollback", "hold", "resume", "maintain"):
        refused = CliRunner().invoke(app, [command, "orders", "--lake", "nowhere"])
        assert "there is no lake here" in str(refused.exception)
    assert not (bench.root / "nowhere").exists()
