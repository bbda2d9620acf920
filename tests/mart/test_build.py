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
    assert "`people` has keys with several rows (ann: 2 rows)" in str(mart.reason)
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
