"""A further technical column is declared in one place, and reaches tables, readers and the docs from there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bench import ORDERS, Bench, csv
from headgate import columns
from headgate.columns import TechnicalColumn
from headgate.contract.document import document
from needs import ROOT

FOLDER = TechnicalColumn(
    "_folder", "string", lambda functions, run: functions.substring_index("_object", "/", 1), "the folder of that file"
)
LIBRARY = ROOT / "shared" / "headgate"


@pytest.mark.parametrize("write", ["", "write: {mode: append, format: parquet}\n"], ids=["iceberg", "parquet"])
def test_a_toy_column_reaches_new_rows_of_a_table_that_exists(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    bench.contract("orders", ORDERS.replace("key: [order_id]\n", write) if write else ORDERS)
    bench.put("orders/a.csv", csv("a,1.00"))
    assert bench.one("orders").status == "published"
    monkeypatch.setattr(columns, "TECHNICAL", (*columns.TECHNICAL, FOLDER))
    bench.put("orders/b.csv", csv("b,2.00"), arrived=60)
    outcome = bench.one("orders")
    assert outcome.status == "published", outcome.reason
    rows = bench.rows("SELECT order_id, _folder, _run = max(_run) OVER () FROM orders ORDER BY 1")
    assert rows == [("a", None, False), ("b", "orders", True)]
    assert "`_folder` (the folder of that file)" in document()


def test_no_other_file_spells_the_name_of_a_technical_column() -> None:
    names = {
        text
        for name, text in vars(columns).items()
        if name.isupper() and isinstance(text, str) and text.startswith("_") and text != columns.MISFIT
    }
    assert {"_object", "_verdict", "_action", "_faults"} <= names
    outside = [file for file in LIBRARY.rglob("*.py") if file != LIBRARY / "columns.py"]
    assert [place for file in outside for place in _spelled(file, names)] == []


def _spelled(file: Path, names: set[str]) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        f"{file.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in names
    ]
