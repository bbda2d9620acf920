"""The gate through a whole run: what is skipped, warned, derived, nested, empty."""

from __future__ import annotations

import json

import pytest

from bench import ORDERS, Bench, counted, csv

LAUREATES = """\
source: {format: json, records: laureates, explode: [prizes, prizes.affiliations]}
columns:
  - {name: laureate_id, source: id, type: int, required: true}
  - {name: year, source: prizes.year, type: int, required: true}
  - {name: place, source: prizes.affiliations.city, type: string}
  - {name: tags, type: array<string>}
  - {name: born, type: "struct<on:date,in:string>", formats: ["yyyy-MM-dd"]}
skip_when: "place is null"
"""


def test_rows_a_contract_skips_are_counted_and_not_judged(bench: Bench) -> None:
    bench.contract("orders", ORDERS + "skip_when: \"order_id = 'test'\"\n")
    bench.put("orders/a.csv", csv("a,1.00", "test,2.00", "test,-5"))
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "skipped", "quarantined") == (3, 1, 2, 0)
    assert all(check.success for check in outcome.checks)


def test_a_warned_row_is_published_and_its_check_shows_what_came(bench: Bench) -> None:
    body = ORDERS.replace("required: true, minimum: 0}", "minimum: 0, maximum: 9, otherwise: warn}")
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv("a,1.00", "b,-2.00", "c,many", "d,"))
    outcome = bench.one("orders")
    assert counted(outcome, "published", "quarantined") == (4, 0)
    failed = {
        result.check.id: (result.unexpected_count, list(result.samples))
        for result in outcome.checks
        if not result.success
    }
    assert failed == {"amount.type": (1, ["many"]), "amount.between": (1, ["-2.00"])}
    assert bench.rows("SELECT order_id, amount::DOUBLE FROM orders ORDER BY 1") == [
        ("a", 1.0), ("b", -2.0), ("c", None), ("d", None),
    ]  # fmt: skip


def test_a_derived_value_is_typed_checked_and_null_by_error(bench: Bench) -> None:
    derived = (
        '  - {name: share, type: "decimal(6,2)", derived: "amount / (amount - 3)", round: half_up, maximum: 5}\n'
        '  - {name: exact, type: "decimal(6,1)", derived: "amount", otherwise: warn}\n'
    )
    bench.contract("orders", ORDERS.replace("key:", derived + "key:"))
    bench.put("orders/a.csv", csv("a,1.50", "b,3.00", "c,3.05", "d,4.00"))
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "quarantined") == (4, 3, 1)
    rows = bench.rows("SELECT order_id, share::DOUBLE, exact::DOUBLE FROM orders ORDER BY 1")
    assert rows == [("a", -1.0, 1.5), ("b", None, 3.0), ("d", 4.0, 4.0)]


def test_a_row_without_its_key_is_refused_though_the_column_does_not_say_required(bench: Bench) -> None:
    bench.contract("orders", ORDERS.replace("string, required: true", "string"))
    bench.put("orders/a.csv", csv("a,1.00", ",2.00"))
    assert counted(bench.one("orders"), "published", "quarantined") == (1, 1)


@pytest.mark.parametrize("form", ["iceberg", "parquet"])
def test_zero_rows_are_published_only_where_the_contract_allows_it(bench: Bench, form: str) -> None:
    body = ORDERS + f"write: {{mode: overwrite, format: {form}}}\n"
    bench.contract("orders", body)
    bench.put("orders/a.csv", csv())
    closed = bench.one("orders")
    assert closed.status == "closed"
    assert "no row is left to publish" in str(closed.reason)
    bench.contract("orders", body + "allow_empty: true\n")
    outcome = bench.one("orders")
    assert outcome.status == "published"
    assert counted(outcome, "read", "published", "rows_after") == (0, 0, 0)
    assert bench.rows("SELECT count(*) FROM orders") == [(0,)]
    assert bench.one("orders").status == "unchanged"
    bench.put("orders/b.csv", csv("a,1.00"), arrived=60)
    assert counted(bench.one("orders"), "rows_before", "rows_after") == (0, 1)


def test_nested_records_are_opened_exploded_and_typed(bench: Bench) -> None:
    first = {
        "id": "1", "tags": ["x", "y"], "born": {"on": "1900-02-03", "in": "Rome"},
        "prizes": [
            {"year": "1930", "affiliations": [{"city": "Bern"}, {"city": "Oslo"}]},
            {"year": "1940", "affiliations": [[]]},
        ],
    }  # fmt: skip
    second = {"id": 2, "tags": [], "prizes": [{"year": 1950.5, "affiliations": [{"city": "Pisa"}]}]}
    bench.contract("laureates", LAUREATES + "at_most: 0.5\n")
    bench.put("laureates/a.json", json.dumps({"laureates": [first, second]}))
    outcome = bench.one("laureates")
    assert counted(outcome, "read", "published", "skipped", "quarantined") == (4, 2, 1, 1)
    rows = bench.rows('SELECT laureate_id, year, place, tags, born."on"::VARCHAR FROM laureates ORDER BY place')
    assert rows == [(1, 1930, "Bern", ["x", "y"], "1900-02-03"), (1, 1930, "Oslo", ["x", "y"], "1900-02-03")]


def test_a_cut_off_document_is_refused_whole_and_the_others_go_on(bench: Bench) -> None:
    bench.contract("things", "source: {format: json}\ncolumns:\n  - {name: id, type: int}\n")
    bench.put("things/good.json", '[{"id": 1}, {"id": 2}]')
    bench.put("things/cut.json", '[{"id": 3}, {"id": 4}, {"id"')
    outcome = bench.one("things")
    assert counted(outcome, "read", "published", "files_refused") == (2, 2, 1)
    assert outcome.objects["refused"][0]["path"] == "things/cut.json"


def test_a_packed_file_that_breaks_while_it_is_read_is_refused_and_the_rest_read_again(bench: Bench) -> None:
    import gzip
    import random

    dice = random.Random(7)
    whole = gzip.compress(csv(*(f"{n},{dice.random():.2f}" for n in range(50_000))).encode())
    bench.contract("orders")
    bench.put("orders/good.csv.gz", gzip.compress(csv("a,1.00").encode()))
    bench.put("orders/cut.csv.gz", whole[: len(whole) // 2])
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "files_refused") == (1, 1, 1)
    assert "orders/cut.csv.gz" in str(outcome.objects["refused"])


def test_a_table_that_headgate_did_not_make_is_left_alone(bench: Bench) -> None:
    session = bench.lake.session(bench.spark)
    session.sql("CREATE NAMESPACE lake.data_warehouse_db")
    session.sql("CREATE TABLE lake.data_warehouse_db.tbl_orders USING iceberg AS SELECT 1 AS x")
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    outcome = bench.one("orders")
    assert outcome.status == "failed"
    assert "carries no ledger of Headgate" in str(outcome.reason)
