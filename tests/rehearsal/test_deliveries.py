"""The way of a delivery: the marts after a dataset, and small deliveries that no demo makes."""

from __future__ import annotations

import csv
import io

import pytest

from headgate.contract.load import load_contracts
from needs import ROOT
from rehearsal.walk.deliveries import delivery
from rehearsal.walk.marts import Marts

READS = {"a": [], "b": [], "both": ["a", "b"], "far": ["both"], "other": ["b"]}
MARTS = Marts(READS, ["a", "b", "both", "far", "other"])


@pytest.mark.parametrize(
    ("dataset", "after"), [("a", ["both", "far"]), ("b", ["both", "far", "other"]), ("far", []), ("other", [])]
)
def test_the_marts_after_a_dataset_are_all_that_read_it_in_their_order(dataset: str, after: list[str]) -> None:
    assert MARTS.after(dataset) == after


def test_the_first_datasets_are_those_that_the_first_mart_reads() -> None:
    assert MARTS.first() == {"a", "b"}
    assert Marts({"a": []}, ["a"]).first() == set()


@pytest.mark.parametrize("dataset", ["artists", "albums", "tracks", "features", "playlist_tracks"])
def test_a_delivery_has_the_columns_that_its_contract_reads(dataset: str) -> None:
    contract = load_contracts(ROOT / "contracts")[dataset]
    rows = list(csv.DictReader(io.StringIO(delivery(dataset, range(3, 6)))))
    assert len({tuple(row.values()) for row in rows}) == 3
    required = {column.source or column.name for column in contract.columns if column.required}
    assert required <= set(rows[0])
    assert all(len(row[key]) == 22 for row in rows for key in contract.key if key.endswith("_id"))
