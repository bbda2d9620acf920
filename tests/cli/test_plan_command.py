"""`headgate plan`: what a changed contract does to the files that are there, against a commit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bench import ORDERS, Bench, csv
from headgate import runtime
from headgate.cli.app import app
from headgate.errors import UnusableArgument

Headgate = Callable[..., Result]


@pytest.fixture
def headgate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Headgate:
    monkeypatch.setattr(runtime, "local_session", lambda app, **how: bench.spark)
    monkeypatch.chdir(bench.root)
    return lambda *words: CliRunner().invoke(app, ["plan", *words])


def commit(bench: Bench) -> None:
    """Commit the whole project."""
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=bench.root, check=True)


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """A committed project with three files, of which one row is refused."""
    bench.contract("orders", ORDERS)
    bench.contract("sums", "source: {query: marts/sums.sql}\ncolumns:\n  - {name: orders, type: bigint}\n")
    bench.sql("marts/sums.sql", "SELECT count(*) AS orders FROM orders")
    bench.put("orders/1.csv", csv("a,1.00", "b,2.50"))
    bench.put("orders/2.csv", csv("c,-1.00", "d,3.00", "e,8.00"), arrived=60)
    commit(bench)
    return bench


def document(result: Result) -> dict[str, Any]:
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return json.loads(result.stdout)


def orders(result: Result) -> dict[str, Any]:
    return document(result)["datasets"]["orders"]


def test_rows_that_a_changed_check_moves_are_shown(shop: Bench, headgate: Headgate) -> None:
    assert shop.one("orders").status == "published"
    shop.contract("orders", ORDERS.replace("minimum: 0", "minimum: -2, maximum: 5"))
    found = orders(headgate("--json"))
    assert (found["change"], found["breaks"], found["files_to_read_again"]) == ("changed", False, 2)
    assert [(found[at]["kept"], found[at]["quarantined"]) for at in ("before", "after")] == [(4, 1), (4, 1)]
    (refused,) = found["newly_refused"]
    assert (refused["values"]["order_id"], refused["reasons"]) == ("e", ["amount: not between -2 and 5"])
    assert [row["values"]["order_id"] for row in found["newly_admitted"]] == ["c"]
    said = headgate()
    assert said.exit_code == 0 and "1 rows newly refused, 1 newly admitted" in said.output
    assert "2 files were read under another contract; `headgate backfill orders --stale`" in said.output
    assert said.output.endswith("Compared with `HEAD`. Nothing was published. Nothing here stops a run.\n")


def test_a_gate_that_would_close_is_an_exit_code(shop: Bench, headgate: Headgate) -> None:
    shop.contract("orders", ORDERS.replace("minimum: 0", "minimum: 9"))
    said = headgate()
    assert said.exit_code == 1 and "closed: " in said.output and "Something here stops a run" in said.output


def test_statements_of_the_table_and_what_only_a_rebuild_does(shop: Bench, headgate: Headgate) -> None:
    shop.contract("orders", ORDERS.replace("key:", "  - {name: note, type: string}\nkey:"))
    found = orders(headgate("--json"))
    assert found["statements"] == ["ALTER TABLE tbl_orders ADD COLUMN `note` string AFTER `amount`"]
    assert (found["rebuild"], found["breaks"], found["marts"]) == ([], False, ["sums"])
    shop.contract("orders", ORDERS.replace("decimal(12,2)", "decimal(9,4)").replace("[order_id]", "[order_id, amount]"))
    said = headgate()
    assert said.exit_code == 1
    assert "only a rebuild does: column `amount` is decimal(12,2), the contract says decimal(9,4)" in said.output
    assert "only a rebuild does: the key is ['order_id'], the contract says ['order_id', 'amount']" in said.output


def test_other_columns_are_compared_by_number(shop: Bench, headgate: Headgate) -> None:
    shop.contract("orders", ORDERS.replace("key:", "  - {name: note, type: string, enum: [x]}\nkey:"))
    found = orders(headgate("--json"))
    assert (found["newly_refused"], found["after"]["quarantined"]) == ([], 1)
    assert "other columns are read, so rows are compared by their number only" in headgate().output


def test_rows_of_a_masked_dataset_are_found_again_by_their_record(bench: Bench, headgate: Headgate) -> None:
    bench.contract("people", "columns:\n  - {name: email, type: string, classification: email}\n"
                   "  - {name: age, type: int, minimum: 18}\nat_most: 0.9\n")  # fmt: skip
    bench.put("people/a.csv", csv("ann@example.org,30", "bob@example.org,17", header="email,age"))
    commit(bench)
    file = bench.root / "contracts/people.yaml"
    file.write_text(file.read_text().replace("minimum: 18", "minimum: 16"))
    said = headgate("--json")
    people = document(said)["datasets"]["people"]
    assert (len(people["newly_admitted"]), people["newly_refused"]) == (1, []) and "bob@" not in said.output


def test_new_removed_and_unchanged_contracts_and_marts(shop: Bench, headgate: Headgate) -> None:
    assert headgate().output == "No contract differs from `HEAD`.\n"
    shop.contract("returns", ORDERS)
    shop.sql("marts/sums.sql", "SELECT count(*) + 0 AS orders FROM orders")
    found = document(headgate("--json"))
    assert (found["datasets"]["returns"]["change"], found["datasets"]["returns"]["after"]) == ("new", None)
    assert found["marts"] == ["sums"]
    assert "there are no files to judge" in headgate("returns").output


def test_without_a_commit_it_is_said(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS)
    said = headgate()
    assert isinstance(said.exception, UnusableArgument) and "not a folder of a git repository" in str(said.exception)
