"""A closed gate publishes nothing: readers keep what they had, and the message says why."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from commands import headgate, is_for_a_person, run_words

from bench import ORDERS, Bench, counted, csv
from headgate.cli.local import run_here
from headgate.errors import GateClosed
from headgate.publish.formats import published
from headgate.publish.iceberg_query import PublishedIceberg
from headgate.runtime import end

TABLE = "SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1"
STRICT = ORDERS.replace("at_most: 0.5", "at_most: 0.1")
TWO_ROWS_AT_LEAST = """\
checks:
  - {expect: expect_table_row_count_to_be_between, kwargs: {min_value: 2}}
"""


@pytest.fixture
def orders(bench: Bench) -> Bench:
    """Two good rows are published; the next file is bad."""
    bench.contract("orders", STRICT)
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    assert bench.one("orders").status == "published"
    bench.put("orders/b.csv", csv("a,9.00", "c,-1", "d,x"), arrived=60)
    return bench


def test_a_closed_gate_leaves_the_former_data_and_keeps_what_it_refused(orders: Bench) -> None:
    before = orders.files("lake/data-warehouse") | orders.files("lake/ledger")
    outcome = orders.one("orders")
    assert outcome.status == "closed"
    why = "amount: below 0: 1 row; amount: not a decimal(12,2): 1 row"
    assert outcome.reason == f"2 of 3 rows refused (66.7%), at most 10.0% may be ({why})"
    names = ("read", "published", "quarantined", "inserted", "updated", "removed", "rows_before", "rows_after")
    assert counted(outcome, *names) == (3, 0, 2, 0, 0, 0, 2, 2)
    assert orders.rows(TABLE) == [("a", 1.0), ("b", 2.0)]
    assert orders.files("lake/data-warehouse") | orders.files("lake/ledger") == before
    assert any(f"orders/_run={orders.runs[-1].run}/" in file for file in orders.files("lake/quarantine"))


def test_what_a_closed_gate_did_not_take_is_read_again_by_the_next_run(orders: Bench) -> None:
    orders.one("orders")
    again = orders.one("orders")
    assert counted(again, "read", "quarantined") == (3, 2)
    assert again.status == "closed"
    orders.contract("orders", ORDERS.replace("0.5", "0.9"))
    assert counted(orders.one("orders"), "read", "updated", "quarantined") == (3, 1, 2)
    assert orders.rows(TABLE) == [("a", 9.0), ("b", 2.0)]


@pytest.mark.parametrize(
    "check",
    [
        "otherwise: stop",  # of the rows: closed at the gate
        TWO_ROWS_AT_LEAST,  # of the table: closed at the audit, when everything is staged
    ],
)
@pytest.mark.parametrize("form", ["", "write: {mode: append, format: parquet}\n"])
def test_a_closed_gate_never_changes_the_schema_early(bench: Bench, check: str, form: str) -> None:
    body = ORDERS if not form else ORDERS.replace("key: [order_id]\n", form)
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    columns, version = bench.rows("DESCRIBE SELECT * FROM orders"), bench.rows("SELECT * FROM orders")
    wider = body.replace("minimum: 0}", "minimum: 0, otherwise: stop}\n  - {name: note, type: string}")
    if check == TWO_ROWS_AT_LEAST:
        wider = body.replace("minimum: 0}", "minimum: 0, otherwise: warn}\n  - {name: note, type: string}") + check
    bench.contract("orders", wider)
    bench.put("orders/b.csv", csv("b,-1,new", header="order_id,amount,note"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "closed", outcome
    assert bench.rows("DESCRIBE SELECT * FROM orders") == columns
    assert bench.rows("SELECT * FROM orders") == version


def test_a_stop_check_of_the_table_closes_after_staging_and_leaves_no_branch(bench: Bench) -> None:
    bench.contract("orders", ORDERS + TWO_ROWS_AT_LEAST)
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("c,3.00"), arrived=60)
    steps: list[str] = []
    outcome = bench.one("orders", log=lambda step, **facts: steps.append(step))
    assert outcome.status == "closed"
    assert "observed 1" in str(outcome.reason)
    assert "branch" in steps
    assert not {"audited", "ledger", "published"} & set(steps)
    assert bench.rows(TABLE) == [("a", 1.0), ("b", 2.0)]
    assert _refs(bench) == {"main"}
    assert not [file for file in bench.files("lake/_work") if "orders" in file]


def test_a_gate_closed_at_the_first_publication_leaves_no_table(bench: Bench) -> None:
    bench.contract("orders", STRICT)
    bench.put("orders/a.csv", csv("a,x", "b,2.00"))
    assert bench.one("orders").status == "closed"
    bench.contract("orders", STRICT + TWO_ROWS_AT_LEAST)
    bench.put("orders/a.csv", csv("b,2.00"))
    assert bench.one("orders").status == "closed"
    assert not bench.files("lake/data-warehouse")
    assert not bench.files("lake/ledger")


@pytest.mark.parametrize(
    ("body", "closes"),
    [
        (ORDERS.replace("0.5", "0.25"), False),  # 1 of 4: as many as may be
        (ORDERS.replace("0.5", "0.24"), True),
        (ORDERS.replace("minimum: 0", "minimum: 0, at_most: 0.25"), False),
        (ORDERS.replace("minimum: 0", "minimum: 0, at_most: 0.24"), True),
    ],
)
def test_a_share_that_equals_at_most_passes(bench: Bench, body: str, closes: bool) -> None:
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,3.00", "d,-1"))
    assert bench.one("orders").status == ("closed" if closes else "published")


@pytest.mark.parametrize("form", ["", "write: {mode: append, format: parquet}\n"])
def test_nothing_to_publish_closes_the_gate_unless_it_may_be_empty(bench: Bench, form: str) -> None:
    body = ORDERS if not form else ORDERS.replace("key: [order_id]\n", form)
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv())
    assert bench.one("orders").reason == "no row is left to publish (`allow_empty: true` would allow it)"
    bench.contract("orders", body + "allow_empty: true\n")
    assert counted(bench.one("orders"), "read", "published", "rows_after") == (0, 0, 0)
    assert bench.rows("SELECT count(*) FROM orders") == [(0,)]
    bench.put("orders/b.csv", csv("a,1.00"), arrived=60)
    assert counted(bench.one("orders"), "rows_before", "rows_after") == (0, 1)


def test_a_closed_gate_writes_its_report(orders: Bench) -> None:
    folders = (orders.root / "contracts", orders.root / "staging", orders.root / "lake")
    result, report = run_here(*folders, ["orders"], progress=False)
    assert result.exit_code == 1
    assert report is not None
    assert "2 of 3 rows refused" in Path(report).read_text(encoding="utf-8")
    record = json.loads(Path(report).with_name("run.json").read_text(encoding="utf-8"))
    assert record["status"] == "closed"


def test_the_command_line_ends_with_1_and_says_why_and_what_next(orders: Bench) -> None:
    ended = headgate(*run_words(orders))
    assert ended.returncode == 1, ended.stderr
    assert is_for_a_person(ended)
    assert "closed: orders: 2 of 3 rows refused (66.7%), at most 10.0% may be" in ended.stdout
    at = {name: orders.root / name for name in ("contracts", "staging", "lake")}
    assert f"Run again: `headgate run orders --contracts {at['contracts']} --source {at['staging']}" in ended.stdout
    [command] = re.findall("The refused rows: `headgate (quarantine .+)`", ended.stdout)
    assert command.endswith(f"--lake {at['lake']}")
    assert "2 refused rows" in headgate(*shlex.split(command)).stdout
    assert orders.rows(TABLE) == [("a", 1.0), ("b", 2.0)]


def test_on_glue_a_job_raises_with_the_word_that_step_functions_look_for(
    orders: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headgate import runtime

    def main(argv: list[str]) -> int:
        job = runtime.start(argv)
        return job.finish(job.run(job.datasets()))

    words = ("--project", orders.root, "--source", orders.root / "staging", "--lake", orders.root / "lake")
    monkeypatch.setenv("GLUE_VERSION", "5.1")
    monkeypatch.setattr("sys.argv", ["refine.py", *map(str, words)])
    with pytest.raises(GateClosed, match=r"^GateClosed: orders: 2 of 3 rows refused"):
        end(main)


def _refs(bench: Bench) -> set[str]:
    table = published(bench.lake)["orders"]
    assert isinstance(table, PublishedIceberg)
    return set(json.loads(table.metadata.read_text(encoding="utf-8"))["refs"])
