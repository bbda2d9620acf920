"""A plain Parquet table in the Glue catalog: partitions are switched, the ledger pointer last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from headgate.lake.ledger import POINTER
from headgate.publish.hive import locations, switch

COLUMNS = (("amount", "double"), ("day", "date"), ("_run", "string"))
ROOT = "s3://lake/data-warehouse/orders"


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("glue", region_name="eu-west-1")
        client.create_database(DatabaseInput={"Name": "db"})
        yield client


def _switch(glue: Any, folders: dict[str, list[str]], pointer: str, by: tuple[str, ...] = ("day",)) -> None:
    switch(glue, "db", "tbl_orders", COLUMNS, by, locations(ROOT, folders), ROOT, pointer)


def _partitions(glue: Any) -> dict[str, str]:
    partitions = glue.get_partitions(DatabaseName="db", TableName="tbl_orders")["Partitions"]
    return {p["Values"][0]: p["StorageDescriptor"]["Location"].removeprefix(ROOT) for p in partitions}


def test_a_table_appears_with_its_partitions_and_its_ledger(glue: Any) -> None:
    _switch(glue, {"r1": ["day=2026-01-01", "day=__HIVE_DEFAULT_PARTITION__"]}, "ledger/1.json")
    table = glue.get_table(DatabaseName="db", Name="tbl_orders")["Table"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["amount", "_run"]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "date"}]
    assert table["Parameters"][POINTER] == "ledger/1.json"
    assert _partitions(glue) == {
        "2026-01-01": "/r1/day=2026-01-01",
        "__HIVE_DEFAULT_PARTITION__": "/r1/day=__HIVE_DEFAULT_PARTITION__",
    }


def test_touched_partitions_move_new_ones_appear_and_gone_ones_go(glue: Any) -> None:
    _switch(glue, {"r1": [f"day=2026-01-{day:02d}" for day in range(1, 32)]}, "ledger/1.json")
    _switch(glue, {"r1": ["day=2026-01-01"], "r2": ["day=2026-01-02", "day=a%2Fb"]}, "ledger/2.json")
    assert _partitions(glue) == {
        "2026-01-01": "/r1/day=2026-01-01",
        "2026-01-02": "/r2/day=2026-01-02",
        "a/b": "/r2/day=a%2Fb",
    }


def test_a_table_without_partitions_points_at_the_runs_folder(glue: Any) -> None:
    _switch(glue, {"r1": [""]}, "ledger/1.json", by=())
    _switch(glue, {"r2": [""]}, "ledger/2.json", by=())
    table = glue.get_table(DatabaseName="db", Name="tbl_orders")["Table"]
    assert table["StorageDescriptor"]["Location"] == f"{ROOT}/r2"
    assert table["Parameters"][POINTER] == "ledger/2.json"
