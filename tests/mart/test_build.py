"""Marts: SQL over published snapshots, rebuilt whole, with joins that may not fan out."""

from __future__ import annotations

import pytest

from bench import ORDERS, Bench, counted, csv

PEOPLE = """\
columns:
  - {name: person, type: string, required: true}
  - {name: city, type: string}
key: [person, city]
"""
MART = """\
source:
  query: marts/spending.sql
  joins: [{to: people, on: [person], cardinality: many_to_one}]
columns:
  - {name: city, type: string}
  - {name: total, type: "decimal(22,2)", minimum: 0}
key: [city]
"""
BOUGHT = ORDERS.replace("key:", "  - {name: person, type: string}\nkey:")
QUERY = """\
-- what each city spent
SELECT p.city, sum(o.amount) AS total
FROM tbl_orders o
LEFT JOIN data_warehouse_db.tbl_people p ON o.person = p.person
GROUP BY p.city
"""


@pytest.fixture
def shop(bench: Bench) -> Bench:
    bench.contract("orders", BOUGHT)
    bench.contract("people", PEOPLE)
    bench.contract("spending", MART)
    bench.sql("marts/spending.sql", QUERY)
    bench.put("orders/a.csv", csv("a,1.00,ann", "b,2.00,bob", "c,4.00,zoe", header="order_id,amount,person"))
    bench.put("people/a.csv", csv("ann,Rome", "bob,Rome", header="person,city"))
    return bench


def test_a_mart_runs_after_its_sources_and_counts_what_it_replaced(shop: Bench) -> None:
    result = shop.run()
    assert list(result.outcomes) == ["orders", "people", "spending"]
    mart = result.outcomes["spending"]
    assert counted(mart, "read", "published", "removed", "rows_after") == (2, 2, 0, 2)
    assert shop.rows("SELECT city, total::DOUBLE FROM spending ORDER BY total") == [("Rome", 3.0), (None, 4.0)]
    assert mart.notes == ["warn: 1 rows have no match in `people` on person (LEFT JOIN)"]


def test_a_mart_is_unchanged_until_a_source_its_query_or_its_contract_changes(shop: Bench) -> None:
    shop.run()
    assert shop.one("spending").status == "unchanged"
    shop.put("people/b.csv", csv("zoe,Oslo", header="person,city"), arrived=60)
    shop.run("people")
    rebuilt = shop.one("spending")
    assert counted(rebuilt, "read", "removed", "rows_before", "rows_after") == (2, 2, 2, 2)
    assert shop.rows("SELECT city FROM spending ORDER BY 1") == [("Oslo",), ("Rome",)]
    shop.sql("marts/spending.sql", QUERY + "HAVING sum(o.amount) > 3")
    assert shop.one("spending").status == "published"
    shop.contract("spending", MART.replace("minimum: 0", "minimum: 1"))
    assert shop.one("spending").status == "published"


def test_a_join_that_fans_out_closes_the_gate_with_the_keys_that_did_it(shop: Bench) -> None:
    shop.run()
    shop.put("people/b.csv", csv("ann,Oslo", "nobody,Oslo", "nobody,Rome", header="person,city"), arrived=60)
    result = shop.run()
    mart = result.outcomes["spending"]
    assert mart.status == "closed"
    assert "but 1 of its keys have several rows in `people` (see the report)" in str(mart.reason)
    assert mart.objects["keys_of_people_with_several_rows"] == ["ann: 2 rows"]
    assert "ann" not in str(mart.reason), "messages carry counts only"
    assert shop.rows("SELECT count(*) FROM spending") == [(2,)]


def test_a_failing_check_closes_the_gate_and_keeps_the_former_rows(shop: Bench) -> None:
    shop.run()
    shop.contract("spending", MART.replace("minimum: 0", "minimum: 3.50"))
    mart = shop.one("spending")
    assert mart.status == "closed"
    assert "total: below 3.5" in str(mart.reason)
    assert len(shop.rows("SELECT * FROM spending")) == 2


def test_a_mart_is_skipped_when_a_source_closed_in_this_run(shop: Bench) -> None:
    shop.run()
    shop.put("orders/b.csv", csv("x,-1,ann", "y,-1,ann", header="order_id,amount,person"), arrived=60)
    result = shop.run()
    assert result.outcomes["orders"].status == "closed"
    assert result.outcomes["people"].status == "unchanged"
    assert result.outcomes["spending"].status == "skipped"
    assert result.outcomes["spending"].reason == "its source `orders` closed in this run"
    assert result.exit_code == 1


def test_the_querys_columns_must_be_the_contracts(shop: Bench) -> None:
    shop.contract(
        "spending",
        MART.replace("decimal(22,2)", "double")
        .replace("name: city, type", "name: town, type")
        .replace("key: [city]\n", ""),
    )
    result = shop.run()
    said = str(result.outcomes["spending"].reason)
    assert "the query gives decimal(22,2), the contract says double" in said
    assert "has no column `town`" in said
    assert "selects `city` (string), which is not declared" in said
    assert result.exit_code == 2


def test_a_mart_before_its_sources_says_what_to_publish_first(shop: Bench) -> None:
    mart = shop.one("spending")
    assert mart.status == "failed"
    assert "`orders` was never published" in str(mart.reason)


def test_a_mart_that_asks_the_clock_is_rebuilt_in_each_run(bench: Bench) -> None:
    bench.contract("orders")
    bench.contract("late", "source: {query: marts/late.sql}\ncolumns: [{name: order_id, type: string}]\n")
    bench.sql("marts/late.sql", "SELECT order_id FROM orders WHERE current_date > DATE'2020-01-01'")
    bench.put("orders/a.csv", csv("a,1.00"))
    assert bench.run().outcomes["late"].status == "published"
    again = bench.run()
    assert (again.outcomes["orders"].status, again.outcomes["late"].status) == ("unchanged", "published")


def test_a_with_clause_may_have_the_name_of_the_dataset_that_it_reads(bench: Bench) -> None:
    bench.contract("orders")
    bench.contract("dear", "source: {query: marts/dear.sql}\ncolumns: [{name: order_id, type: string}]\n")
    bench.sql("marts/dear.sql", "WITH orders AS (SELECT * FROM orders WHERE amount > 1) SELECT order_id FROM orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00"))
    result = bench.run()
    assert list(result.outcomes) == ["orders", "dear"]
    assert bench.rows("SELECT order_id FROM dear") == [("b",)]


@pytest.mark.parametrize(
    "value",
    [
        "sum(amount)", "max(amount) + 1", "max(-amount * 2)", "cast(max(amount) AS int)",
        "(SELECT sum(amount) FROM orders WHERE amount > 0)", "max((SELECT max(amount) FROM orders) * 2)",
    ],
)  # fmt: skip
def test_a_number_that_overflows_in_a_query_fails_the_mart(bench: Bench, value: str) -> None:
    bench.contract("orders", ORDERS.replace('"decimal(12,2)"', "bigint"))
    bench.contract("most", "source: {query: marts/most.sql}\ncolumns: [{name: total, type: bigint}]\n")
    query = "WITH big AS (SELECT * FROM orders WHERE amount > 0) SELECT cast(VALUE AS bigint) AS total FROM big"
    bench.sql("marts/most.sql", query.replace("VALUE", value))
    bench.put("orders/a.csv", csv("a,1", "b,2"))
    assert bench.run().outcomes["most"].status == "published"
    bench.put("orders/b.csv", csv("c,9223372036854775807", "d,9223372036854775806"), arrived=60)
    failed = bench.run().outcomes["most"]
    assert (failed.status, failed.reason) == ("failed", "a number is too great for its type")
