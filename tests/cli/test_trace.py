"""`headgate trace`: one row's life, from the files to the tables and the marts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from bench import ORDERS, Bench, csv
from headgate.errors import UnusableArgument

Headgate = Callable[..., Result]


@pytest.fixture
def shop(bench: Bench) -> Bench:
    """Two deliveries; `a` came twice and was refused once, `b` once."""
    bench.contract("orders", ORDERS)
    bench.contract("big", "source: {query: marts/big.sql}\ncolumns:\n  - {name: order_id, type: string}\n")
    bench.contract("sums", "source: {query: marts/sums.sql}\ncolumns:\n  - {name: orders, type: bigint}\n")
    bench.sql("marts/big.sql", "SELECT order_id FROM orders WHERE amount > 1")
    bench.sql("marts/sums.sql", "SELECT count(*) AS orders FROM big")
    bench.put("orders/1.csv", csv("b,1.00", "a,1.00", "a,x"))
    bench.put("orders/2.csv", csv("c,9.00", "d,3.00", "a,2.50"), arrived=60)
    assert bench.run().exit_code == 0
    return bench


def document(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_row_of_a_key_says_where_it_came_from_and_what_became_of_it(shop: Bench, headgate: Headgate) -> None:
    run = shop.runs[-1].run
    said = headgate("trace", "orders", "order_id=a").output.splitlines()
    assert said == [
        "orders, order_id=a",
        f"published: from orders/2.csv, by run {run}",
        "    order_id='a', amount='2.50'",
        "",
        "in the files: 3 rows; 2 files searched",
        f"  orders/1.csv, row 2, arrived 2026-01-01 12:00:00 UTC: superseded by orders/2.csv, row 3; read by run {run}",
        "    order_id='a', amount='1.00'",
        f"  orders/1.csv, row 3, arrived 2026-01-01 12:00:00 UTC: refused; read by run {run}",
        "    ✖ amount: not a decimal(12,2)",
        "    order_id='a', amount='x'",
        f"  orders/2.csv, row 3, arrived 2026-01-01 12:01:00 UTC: published; read by run {run}",
        "    order_id='a', amount='2.50'",
        "",
        "mart big: 1 row",
        "mart sums: is made from orders, and has no such column",
    ]


def test_a_row_that_never_came_is_said_to_be_in_no_file(shop: Bench, headgate: Headgate) -> None:
    assert headgate("trace", "orders", "order_id=z").output.splitlines()[:4] == [
        "orders, order_id=z", "published: no row", "", "in the files: no row; 2 files searched",
    ]  # fmt: skip


def test_what_could_not_be_searched_is_named(shop: Bench, headgate: Headgate) -> None:
    shop.put("orders/2.csv", "other,header\n1,2\n", arrived=90)
    (shop.root / "staging/orders/1.csv").unlink()
    found = document(headgate("trace", "orders", "order_id=b", "--json"))
    assert (found["gone"], list(found["refused"]), found["seen"]) == (["orders/1.csv"], ["orders/2.csv"], [])
    said = headgate("trace", "orders", "order_id=b").output
    assert "not searched: orders/2.csv: " in said and "files that were read once and are gone" in said


def test_a_file_that_no_run_has_read_is_searched_too(shop: Bench, headgate: Headgate) -> None:
    shop.put("orders/3.csv", csv("a,7.00"), arrived=120)
    (newest,) = [one for one in document(headgate("trace", "orders", "order_id=a", "--json"))["seen"] if one["wins"]]
    assert (newest["object"], newest["row"], newest["read_by"]) == ("orders/3.csv", 1, None)
    assert (
        "orders/3.csv, row 1, arrived 2026-01-01 12:02:00 UTC: not read yet"
        in headgate("trace", "orders", "order_id=a").output
    )


def test_a_number_is_found_by_its_value_and_texts_by_two_columns(shop: Bench, headgate: Headgate) -> None:
    assert [row["order_id"] for row in document(headgate("trace", "orders", "amount=2.5", "--json"))["published"]] == [
        "a"
    ]
    assert len(document(headgate("trace", "orders", "order_id=a", "amount=1.00", "--json"))["seen"]) == 1
    assert document(headgate("trace", "orders", "order_id=a", "amount=9", "--json"))["seen"] == []


def test_a_masked_row_is_found_by_its_clear_value_and_shown_masked(bench: Bench, headgate: Headgate) -> None:
    bench.contract("people", "key: [email]\ncolumns:\n  - {name: email, type: string, classification: email}\n"
                   "  - {name: age, type: int}\nat_most: 0.9\n")  # fmt: skip
    bench.put("people/a.csv", csv("ann@example.org,30", "bob@example.org,x", header="email,age"))
    assert bench.one("people").status == "published"
    said = headgate("trace", "people", "email=ann@example.org").output
    assert "published: from people/a.csv" in said and "in the files: 1 row" in said
    refused = headgate("trace", "people", "email=bob@example.org").output
    assert "refused; read by run" in refused and "✖ age: not a int" in refused
    assert "ann@" not in said.partition("\n")[2] and "bob@" not in refused.partition("\n")[2]


def test_nothing_is_changed_by_looking(shop: Bench, headgate: Headgate) -> None:
    before = {file: file.stat().st_mtime_ns for file in shop.root.rglob("*") if file.is_file()}
    assert headgate("trace", "orders", "order_id=a").exit_code == 0
    assert {file: file.stat().st_mtime_ns for file in shop.root.rglob("*") if file.is_file()} == before


def test_without_a_key_rows_have_no_place(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS.replace("key: [order_id]\n", ""))
    bench.put("orders/1.csv", csv("a,1.00", "a,1.00"))
    bench.one("orders")
    found = document(headgate("trace", "orders", "order_id=a", "--json"))
    assert [(one["row"], one["wins"]) for one in found["seen"]] == [(None, True), (None, True)]
    assert len(found["published"]) == 2


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("nothing", "a=1"), "there is no dataset `nothing`"),
        (("sums", "orders=1"), "`sums` is a mart and reads no files"),
        (("orders", "order_id"), "`order_id` is not a column with a value"),
        (("orders", "id=1"), "`orders` has no column `id`"),
        (("late", "order_id=1"), "`late` was never published"),
    ],
)
def test_what_cannot_be_looked_for_is_said(shop: Bench, headgate: Headgate, words: tuple[str, ...], what: str) -> None:
    shop.contract("late", ORDERS)
    said = headgate("trace", *words)
    assert isinstance(said.exception, UnusableArgument) and what in str(said.exception)


def test_a_value_with_quotes_is_a_value(shop: Bench, headgate: Headgate) -> None:
    assert document(headgate("trace", "orders", "order_id=' OR 1=1 --\\", "--json"))["published"] == []
