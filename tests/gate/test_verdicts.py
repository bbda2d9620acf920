"""Verdicts: what a failing row does to itself and to its run."""

from __future__ import annotations

import pytest

from bench import Bench, counted, csv
from headgate.cli.quarantine import refused_rows

ROW = "columns:\n  - {name: order_id, type: string, required: true}\n  - {name: amount, type: int"
NO_LIMIT = "at_most: 1.0\n"
TABLE = "SELECT order_id, amount FROM orders ORDER BY ALL"


def test_a_refused_row_keeps_every_reason_and_the_texts_it_came_with(bench: Bench) -> None:
    body = ROW + ", minimum: 0, enum: [1, 2]}\n  - {name: note, type: string, max_length: 3}\n" + NO_LIMIT
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,1,ok", ",-5, long ", header="order_id,amount,note"))
    outcome = bench.one("orders")
    [row] = refused_rows(bench.lake, "orders")
    assert counted(outcome, "read", "published", "quarantined") == (2, 1, 1)
    assert row.reasons == [
        "order_id: missing",
        "amount: below 0",
        "amount: not one of 1, 2",
        "note: length above 3",
    ]
    assert row.values == {"order_id": "", "amount": "-5", "note": " long "}
    assert (row.object, row.run) == ("orders/a.csv", bench.runs[0].run)


def test_a_value_of_another_type_is_told_once(bench: Bench) -> None:
    bench.contract("orders", ROW + ", required: true, minimum: 0, enum: [1]}\n" + NO_LIMIT)
    bench.put("orders/a.csv", csv("a,1", "b,x"))
    bench.one("orders")
    assert [row.reasons for row in refused_rows(bench.lake, "orders")] == [["amount: not a int"]]


def test_more_checks_than_a_number_has_bits_are_each_judged_and_counted(bench: Bench) -> None:
    names = [f"m{number:02}" for number in range(80)]
    bounds = ", minimum: 0, maximum: 9, otherwise: "
    columns = [f"  - {{name: {n}, type: int{bounds}{'warn' if n.endswith('9') else 'quarantine'}}}" for n in names]
    bench.contract("orders", "columns:\n  - {name: order_id, type: int}\n" + "\n".join(columns) + f"\n{NO_LIMIT}")
    rows = [[str(at), *("10" if at == place else "1" for place in range(80))] for at in range(80)]
    bench.put("orders/a.csv", csv(*map(",".join, rows), header=",".join(["order_id", *names])))
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "quarantined") == (80, 8, 72)
    refused = {row.values["order_id"]: row.reasons for row in refused_rows(bench.lake, "orders")}
    assert refused == {str(at): [f"{n}: not between 0 and 9"] for at, n in enumerate(names) if not n.endswith("9")}
    failed = [result for result in outcome.checks if result.unexpected_count]
    assert [(result.unexpected_count, result.element_count) for result in failed] == [(1, 80)] * 80


def test_a_derived_value_is_typed_and_judged_and_null_by_error_is_null(bench: Bench) -> None:
    body = ROW + "}\n  - {name: share, type: tinyint, derived: 100 / amount, minimum: 2}\n" + NO_LIMIT
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,10", "b,0", "c,", "d,100"))
    bench.one("orders")
    assert bench.rows("SELECT order_id, share FROM orders ORDER BY 1") == [("a", 10), ("b", None), ("c", None)]
    assert [row.reasons for row in refused_rows(bench.lake, "orders")] == [["share: below 2"]]


def test_narrow_integers_are_checked_as_such_and_published_as_int(bench: Bench) -> None:
    bench.contract("orders", ROW.replace("type: int", "type: tinyint") + "}\n" + NO_LIMIT)
    bench.put("orders/a.csv", csv("a,127", "b,128"))
    bench.one("orders")
    assert bench.rows("SELECT amount, typeof(amount) FROM orders") == [(127, "INTEGER")]
    assert [row.reasons for row in refused_rows(bench.lake, "orders")] == [["amount: not a tinyint"]]


def test_a_file_that_would_have_to_be_copied_is_refused_where_a_column_is_classified(bench: Bench) -> None:
    columns = "columns:\n  - {name: email, type: string, classification: email}\n"
    bench.contract("people", "source: {read: {skip_lines: 1}}\n" + columns)
    bench.put("people/a.csv", "exported today\nemail\nann@example.org\n")
    outcome = bench.one("people")
    assert outcome.status == "closed"
    assert "would have to be copied unmasked" in str(outcome.reason)
    assert bench.files() == {file for file in bench.files() if b"ann@" not in (bench.root / "lake" / file).read_bytes()}


def test_a_row_counts_once_however_many_reasons_it_has(bench: Bench) -> None:
    bench.contract("orders", ROW + ", minimum: 0, enum: [1]}\nat_most: 0.25\n")
    bench.put("orders/a.csv", csv("a,1", "b,1", "c,1", "d,-1"))
    outcome = bench.one("orders")
    assert (outcome.status, outcome.quarantined) == ("published", 1)
    assert len(refused_rows(bench.lake, "orders")[0].reasons) == 2


def test_stop_closes_the_gate_at_the_first_row_and_warn_only_counts(bench: Bench) -> None:
    bench.contract("orders", ROW + ", minimum: 0, otherwise: warn}\n")
    bench.put("orders/a.csv", csv("a,1", "b,-1", "c,-2"))
    outcome = bench.one("orders")
    assert counted(outcome, "published", "quarantined") == (3, 0)
    warned = {one.check.id: (one.success, one.unexpected_count) for one in outcome.checks}
    assert warned["amount.between"] == (False, 2)
    bench.contract("orders", ROW + ", minimum: 0, otherwise: stop}\n" + NO_LIMIT)
    bench.put("orders/b.csv", csv(*(f"x{i},1" for i in range(50)), "y,-1"), arrived=60)
    stopped = bench.one("orders")
    assert stopped.status == "closed"
    assert "amount: below 0 (1 rows" in str(stopped.reason)


@pytest.mark.parametrize("scope", ["batch", "table"])
def test_a_table_level_check_that_says_stop_publishes_nothing(bench: Bench, scope: str) -> None:
    check = "{expect: expect_column_values_to_be_unique, kwargs: {column: order_id}, scope: " + scope + "}"
    bench.contract("orders", ROW + "}\nchecks: [" + check + "]\n")
    bench.put("orders/a.csv", csv("a,1", "b,1"))
    assert bench.one("orders").status == "published"
    bench.put("orders/b.csv", csv("a,2"), arrived=60)  # once in this run, twice in the table
    outcome = bench.one("orders")
    assert outcome.status == {"batch": "published", "table": "closed"}[scope]
    assert bench.rows("SELECT count(*) FROM orders") == [({"batch": 3, "table": 2}[scope],)]


def test_rows_that_are_not_wanted_are_skipped_before_they_are_judged(bench: Bench) -> None:
    bench.contract("orders", ROW + ", minimum: 0}\nskip_when: order_id = 'total'\n" + NO_LIMIT)
    bench.put("orders/a.csv", csv("a,1", "total,-1", "total,x", "total,1,2"))
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "skipped", "quarantined") == (4, 1, 3, 0)
