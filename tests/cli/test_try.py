"""`headgate try`: what of the files would be refused, without publishing, and the words that would take them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import Result

from bench import ORDERS, Bench, csv
from headgate.cli import trial
from headgate.errors import UnusableArgument

Headgate = Callable[..., Result]

INVOICES = """
at_most: 1.0
key: [number]
columns:
  - {name: number, type: string}
  - {name: day, type: date, formats: ["yyyy-MM-dd"]}
  - {name: amount, type: "decimal(12,2)"}
  - {name: pieces, type: int}
  - {name: paid, type: boolean}
  - {name: state, type: string, enum: [open, sent]}
"""
HEADER = "number,day,amount,pieces,paid,state"
LINES = (
    "1,2025-12-30,12.50,3,true,open",
    '2,31.12.2025,"1.234,50",4,true,open',
    '3,30.12.2025,"12,99",5,true,sent',
    "4,2025-12-31,1.00,n/a,false,open",
    "5,2025-12-31,1.00,7,ja,open",
    "6,2025-12-31,1.00,7,false,void",
)


def document(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)


def test_refused_texts_give_the_words_that_take_them_and_those_words_do(bench: Bench, headgate: Headgate) -> None:
    bench.contract("invoices", INVOICES)
    bench.put("invoices/a.csv", csv(*LINES, header=HEADER))
    tried = document(headgate("try", "--json"))["invoices"]
    assert (tried["would_publish"], tried["read"], tried["kept"], tried["quarantined"]) == (True, 6, 1, 5)
    lines = {line["column"]: (line["words"], line["takes"]) for line in tried["would_take"]}
    assert lines == {
        "day": ({"formats": ["yyyy-MM-dd", "dd.MM.yyyy"]}, 2),
        "amount": ({"decimal": ",", "thousands": "."}, 2),
        "pieces": ({"null_texts": ["", "n/a"]}, 1),
        "paid": ({"true_texts": ["true", "ja"], "false_texts": ["false", "nein"]}, 1),
        "state": ({"enum": ["open", "sent", "void"]}, 1),
    }
    contract = yaml.safe_load(INVOICES)
    for column in contract["columns"]:
        if column["name"] != "amount":  # its other texts have points
            column.update(lines.get(column["name"], ({}, 0))[0])
    bench.contract("invoices", yaml.safe_dump(contract))
    again = document(headgate("try", "--json"))["invoices"]
    assert {count["reason"].partition(":")[0] for count in again["refused_by"]} == {"amount"}
    assert (again["kept"], again["quarantined"]) == (4, 2)


def test_nothing_is_published_or_left_behind(bench: Bench, headgate: Headgate, tmp_path_factory: Any) -> None:
    bench.contract("orders", ORDERS)
    bench.put("orders/a.csv", csv("a,1.00", "b,x", "c,y"))
    before = {file for file in bench.root.rglob("*") if file.is_file()}
    said = headgate("try")
    assert said.exit_code == 1 and "✖ closed" in said.output and "3 rows read, 1 pass, 2 refused" in said.output
    assert "Nothing was published; `headgate run` does." in said.output and " run 2" not in said.output
    assert {file for file in bench.root.rglob("*") if file.is_file()} == before


def test_a_file_that_lies_anywhere_is_judged_as_if_it_had_been_delivered(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS)
    bench.put("orders/a.csv", csv("a,1.00"))
    (bench.root / "download.csv").write_text(csv("b,2.00", "c,3.00"))
    tried = document(headgate("try", "orders", "--file", "download.csv", "--json"))["orders"]
    assert (tried["files"], tried["kept"]) == (["orders/download.csv"], 2)
    inside = document(headgate("try", "orders", "--file", "staging/orders/a.csv", "--json"))["orders"]
    assert (inside["files"], inside["kept"]) == (["orders/a.csv"], 1)


def test_a_file_under_a_pattern_of_names(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS + "source: {format: csv, path: 'in/*/orders_*.csv'}\n")
    (bench.root / "orders_7.csv").write_text(csv("b,2.00"))
    said = headgate("try", "orders", "--file", "orders_7.csv")
    assert "its name does not match `in/*/orders_*.csv`" in str(said.exception)
    bench.put("in/x/orders_7.csv", csv("b,2.00"))
    assert headgate("try", "orders", "--file", "staging/in/x/orders_7.csv").exit_code == 0


def test_the_newest_files_are_the_sample(bench: Bench, headgate: Headgate, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.contract("orders", ORDERS)
    for at, name in enumerate(("c", "a", "b")):
        bench.put(f"orders/{name}.csv", csv(f"{name},1.00"), arrived=60 * at)
    monkeypatch.setattr(trial, "SAMPLE", 50)
    tried = document(headgate("try", "orders", "--json"))["orders"]
    assert (tried["files"], tried["files_found"]) == (["orders/b.csv", "orders/a.csv"], 3)
    monkeypatch.setattr(trial, "SAMPLE", 1)
    assert "2 of 3" not in headgate("try", "orders").output and "1 of 3 files" in headgate("try", "orders").output


def test_a_file_that_cannot_be_used_is_named_and_the_others_are_judged(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS)
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.put("orders/b.csv", "other,header\n1,2\n")
    said = headgate("try", "orders")
    assert "refused file: orders/b.csv: " in said.output and "1 rows read, 1 pass" in said.output


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("try", "nothing"), "there is no dataset `nothing`"),
        (("try", "sums"), "`sums` is a mart and reads no files"),
        (("try", "--file", "a.csv"), "`--file` needs one dataset"),
        (("try", "orders", "--file", "none.csv"), "there is no such file"),
        (("try", "orders"), "no file matches `orders/`"),
    ],
)
def test_what_cannot_be_tried_is_said(bench: Bench, headgate: Headgate, words: tuple[str, ...], what: str) -> None:
    bench.contract("orders", ORDERS)
    bench.contract("sums", "source: {query: marts/sums.sql}\ncolumns:\n  - {name: orders, type: bigint}\n")
    bench.sql("marts/sums.sql", "SELECT count(*) AS orders FROM orders")
    said = headgate(*words)
    assert isinstance(said.exception, UnusableArgument) and what in str(said.exception)


def test_hidden_texts_give_no_words(bench: Bench, headgate: Headgate) -> None:
    masked = INVOICES.replace('formats: ["yyyy-MM-dd"]', 'formats: ["yyyy-MM-dd"], classification: birthday')
    bench.contract("invoices", masked)
    bench.put("invoices/a.csv", csv(*LINES, header=HEADER))
    tried = headgate("try", "--json")
    assert "31.12.2025" not in tried.output
    assert "day" not in [line["column"] for line in document(tried)["invoices"]["would_take"]]


def test_without_files_there_is_nothing_to_try(bench: Bench, headgate: Headgate) -> None:
    bench.contract("orders", ORDERS)
    (Path(bench.root) / "staging").mkdir(exist_ok=True)
    said = headgate("try")
    assert (said.exit_code, said.output) == (0, "There is no file to try yet.\n")


def test_references_to_other_tables_are_left_to_the_run(bench: Bench, headgate: Headgate) -> None:
    bench.contract("people", "columns:\n  - {name: person, type: string}\nkey: [person]\n")
    bench.contract("orders", ORDERS + "references: [{columns: [order_id], to: people}]\n")
    bench.put("orders/a.csv", csv("a,1.00"))
    assert document(headgate("try", "orders", "--json"))["orders"]["would_publish"] is True
    assert bench.one("orders").status == "closed"
