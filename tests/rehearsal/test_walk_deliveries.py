"""Small deliveries, which differ from all rows of the demo."""

from __future__ import annotations

import csv
import io

import pytest

from headgate.contract.load import load_contracts
from needs import ROOT
from rehearsal.walk.deliveries import delivery


@pytest.mark.parametrize("dataset", ["artists", "albums", "tracks", "features", "playlist_tracks"])
def test_a_delivery_has_the_columns_that_its_contract_reads(dataset: str) -> None:
    contract = load_contracts(ROOT / "contracts")[dataset]
    rows = list(csv.DictReader(io.StringIO(delivery(dataset, range(3, 6)))))
    assert len({tuple(row.values()) for row in rows}) == 3
    required = {column.source or column.name for column in contract.columns if column.required}
    assert required <= set(rows[0])
    assert all(len(row[key]) == 22 for row in rows for key in contract.key if key.endswith("_id"))
