"""Documents of clicks: the rows that they promise are what flattening makes of them."""

from __future__ import annotations

import io
from pathlib import Path

import duckdb

from headgate.contract.load import load_contracts
from headgate.flatten.flatten import flatten
from headgate.flatten.plan import plan_of
from needs import ROOT
from rehearsal.walk.documents import COLUMNS, DATASET, differing, document, row

CONTRACT = load_contracts(ROOT / "rehearsal" / "walk" / "extra" / "contracts")[DATASET]


def test_the_promised_rows_are_those_that_the_contract_makes_of_a_document(tmp_path: Path) -> None:
    sent = document("one", range(3), "2.0")
    body, target = sent.text.encode(), tmp_path / "rows.parquet"
    flatten(plan_of(CONTRACT), sent.key, io.BytesIO(body), len(body), target)
    with duckdb.connect() as connection:
        rows = connection.sql(f"SELECT {', '.join(COLUMNS)} FROM '{target}'").fetchall()
    assert [dict(zip(COLUMNS, values, strict=True)) for values in rows] == [row(number, "2.0") for number in range(3)]
    assert rows[1][-1] == "1.500"  # a reader that makes a number of it says 1.5


def test_the_columns_are_those_of_the_contract() -> None:
    assert tuple(column.name for column in CONTRACT.columns) == COLUMNS


def test_nothing_differs_from_the_same_rows() -> None:
    assert differing({1: "1.0", 2: "2.0"}, [row(2, "2.0"), row(1)]) == []


def test_a_missing_a_double_an_older_and_an_unknown_row_are_named() -> None:
    assert differing({1: "1.0"}, []) == [f"click 1: [], expected {row(1)} once"]
    assert "expected" in differing({1: "1.0"}, [row(1), row(1)])[0]
    assert "'app_version': '2.0'" in differing({1: "2.0"}, [row(1)])[0].partition("expected")[2]
    assert differing({}, [row(7)]) == ["unknown clicks ['7']"]
