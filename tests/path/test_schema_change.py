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
        patch.setattr(IcebergTable, "prepare", lambda self, change: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bench.one("orders")
    assert bench.rows("SELECT order_id, note FROM orders") == [("a", None)]
    assert bench.one("orders").status == "published"
    assert bench.rows("SELECT order_id, note FROM orders ORDER BY 1") == [("a", None), ("b", "new")]
