"""The state of a Parquet table, as its file holds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.errors import RunFailed
from headgate.lake.storage import LocalStorage
from headgate.publish.parquet_state import Current, current

FILE = "data-warehouse/orders/_current.json"
STATE = Current(
    dataset="orders",
    run="r2",
    ledger="ledger/orders/r2.json",
    columns=(("id", "string"), ("amount", "decimal(12,2)")),
    partition_by=("id",),
    folders={"r1": ["id=a"], "r2": ["id=b"]},
    former=("r1",),
    hold="a check by hand",
)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write(FILE, STATE.as_json())
    assert current(storage, "orders") == STATE


def test_a_table_that_was_never_published_has_no_state(tmp_path: Path) -> None:
    assert current(LocalStorage(tmp_path), "orders") is None


def test_a_state_of_another_format_is_refused(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    storage.write(FILE, STATE.as_json().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(RunFailed, match="has format 2, this version reads 1"):
        current(storage, "orders")


def test_a_state_knows_the_types_of_its_columns() -> None:
    assert STATE.schema.simpleString() == "struct<id:string,amount:decimal(12,2)>"
