"""The published schema changes only with the contract, after the audit, and never with a file."""

from __future__ import annotations

import pytest

from bench import ORDERS, Bench, counted, csv

WIDER = ORDERS.replace("key:", "  - {name: note, type: string}\nkey:")
FORMATS = {"iceberg": "", "parquet": "write: {mode: append, format: parquet}\n"}


def _body(body: str, form: str) -> str:
    return body if form == "iceberg" else body.replace("key: [order_id]\n", "") + FORMATS[form]


@pytest.mark.parametrize("form", FORMATS)
def test_a_new_column_is_null_in_older_rows(bench: Bench, form: str) -> None:
    bench.contract("orders", _body(ORDERS, form))
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    bench.contract("orders", _body(WIDER, form))
    assert bench.one("orders").status == "unchanged"  # a changed contract rereads nothing by itself
    bench.put("orders/b.csv", csv("b,2.00,new", header="order_id,amount,note"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "published"
    assert "older contract" in outcome.notes[0]
    assert bench.rows("SELECT order_id, note FROM orders ORDER BY 1") == [("a", None), ("b", "new")]
    names = [row[0] for row in bench.rows("DESCRIBE SELECT * FROM orders")]
    assert names == ["order_id", "amount", "note", "_object", "_arrival", "_run"]


def test_a_column_may_widen(bench: Bench) -> None:
    narrow = ORDERS.replace('"decimal(12,2)"', "int")
    bench.contract("orders", narrow)
    bench.put("orders/a.csv", csv("a,1"))
    bench.one("orders")
    bench.contract("orders", narrow.replace("int", "bigint"))
    bench.put("orders/b.csv", csv("b,9999999999"), arrived=60)
    assert bench.one("orders").status == "published"
    assert bench.rows("SELECT amount FROM orders ORDER BY 1") == [(1,), (9999999999,)]


def test_another_type_needs_a_rebuild_and_a_rebuild_brings_it(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    bench.contract("orders", ORDERS.replace('"decimal(12,2)"', "double") + "partition_by: [order_id]\n")
    bench.put("orders/b.csv", csv("b,2.5"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "failed"
    assert "column `amount` is decimal(12,2), the contract says double" in str(outcome.reason)
    assert "--full" in outcome.error["remedy"]
    assert bench.rows("SELECT count(*) FROM orders") == [(1,)]
    rebuilt = bench.one("orders", full=True)
    assert counted(rebuilt, "inserted", "removed", "rows_before", "rows_after") == (2, 1, 1, 2)
    assert bench.rows("SELECT order_id, amount FROM orders ORDER BY 1") == [("a", 1.0), ("b", 2.5)]


def test_an_unknown_column_refuses_its_file_and_the_others_go_on(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.put("orders/b.csv", csv("b,2.00,x", header="order_id,amount,surprise"))
    outcome = bench.one("orders")
    assert counted(outcome, "read", "published", "files_refused") == (1, 1, 1)
    refused = outcome.objects["refused"]
    assert refused[0]["path"] == "orders/b.csv"
    assert "surprise" in refused[0]["reason"]


def test_a_refused_file_waits_in_the_ledger_until_it_or_the_contract_changes(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.put("orders/b.csv", csv("b,2.00,x", header="order_id,amount,note"))
    bench.one("orders")
    assert bench.one("orders").status == "unchanged"
    bench.contract("orders", WIDER)
    outcome = bench.one("orders")
    assert counted(outcome, "read", "inserted", "files_refused") == (1, 1, 0)


def test_the_gate_closes_when_no_file_is_left_or_the_contract_says_stop(bench: Bench) -> None:
    bench.contract("orders")
    bench.put("orders/b.csv", csv("b,2.00,x", header="order_id,amount,surprise"))
    outcome = bench.one("orders")
    assert outcome.status == "closed"
    assert "no file is left" in str(outcome.reason)
    bench.contract("orders", ORDERS + "source: {unreadable: stop}\n")
    bench.put("orders/a.csv", csv("a,1.00"))
    assert bench.one("orders").status == "closed"


class Died(BaseException):
    """The process was killed."""


def test_a_death_between_the_new_column_and_the_rows_leaves_a_column_of_nulls_and_nothing_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headgate.publish.iceberg import IcebergTable

    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    bench.contract("orders", WIDER)
    bench.put("orders/b.csv", csv("b,2.00,new", header="order_id,amount,note"), arrived=60)
    with monkeypatch.context() as patch:
        patch.setattr(IcebergTable, "prepare", lambda self, change: (_ for _ in ()).throw(Died))
        with pytest.raises(Died):
            bench.one("orders")
    assert bench.rows("SELECT order_id, note FROM orders") == [("a", None)]
    assert bench.one("orders").status == "published"
    assert bench.rows("SELECT order_id, note FROM orders ORDER BY 1") == [("a", None), ("b", "new")]


NESTED = """\
source: {format: json}
columns:
  - {name: id, type: int, required: true}
  - {name: item, type: "struct<sku:string,size:struct<h:int>>"}
  - {name: parts, type: "array<struct<sku:string>>"}
  - {name: prices, type: "map<string,struct<net:int>>"}
"""
GROWN = (
    NESTED.replace("h:int", "w:int,h:int")
    .replace("<sku:string>", "<sku:string,n:int>")
    .replace("net:int", "net:int,tax:int")
)


@pytest.mark.parametrize("form", ["iceberg", "iceberg with a key", "parquet"])
def test_new_fields_inside_nested_columns_are_null_in_older_rows(bench: Bench, form: str) -> None:
    more = {"iceberg": "", "iceberg with a key": "key: [id]\n", "parquet": FORMATS["parquet"]}[form]
    bench.contract("things", NESTED + more)
    old = '{"id": 1, "item": {"sku": "a", "size": {"h": 2}}, "parts": [{"sku": "p"}], "prices": {"eur": {"net": 3}}}\n'
    bench.put("things/1.json", old)
    bench.one("things")
    bench.contract("things", GROWN + more)
    new = old.replace('"id": 1', '"id": 2').replace('"h": 2', '"h": 2, "w": 5').replace('"p"', '"p", "n": 6')
    bench.put("things/2.json", new.replace('"net": 3', '"net": 3, "tax": 7'), arrived=60)
    outcome = bench.one("things")
    assert (outcome.status, outcome.error) == ("published", None)
    assert bench.rows("SELECT id, item.size.w, item.size.h, parts[1].n, parts[1].sku FROM things ORDER BY id") == [
        (1, None, 2, None, "p"),
        (2, 5, 2, 6, "p"),
    ]
    assert bench.rows("SELECT id, item.sku, prices::VARCHAR FROM things ORDER BY id") == [
        (1, "a", "{eur={'net': 3, 'tax': NULL}}"),
        (2, "a", "{eur={'net': 3, 'tax': 7}}"),
    ]
    bench.put("things/1.json", old, arrived=120)
    assert bench.one("things").rows_after == 2
