"""The tables that crawlers registered, compared with a file of those they must register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rehearsal.walk.crawls import not_as_expected

EXPECTED = """\
staging:
  t: {format: csv, header: true, columns: {a: bigint, b: string}, keys: [month], partitions: ["1", "2"]}
"""


class Catalog:
    """A catalog of one table."""

    def __init__(self, name: str, kind: str, partitions: list[str]) -> None:
        parameters = {"classification": "csv", "skip.header.line.count": "1"}
        columns = [{"Name": "a", "Type": kind}, {"Name": "b", "Type": "string"}]
        storage = {"Columns": columns, "Parameters": parameters}
        self._table = {"DatabaseName": "raw", "Name": name, "StorageDescriptor": storage,
                       "PartitionKeys": [{"Name": "month"}], "Parameters": parameters}  # fmt: skip
        self._partitions = [{"Values": [value]} for value in partitions]

    def get_tables(self, DatabaseName: str) -> dict[str, Any]:
        return {"TableList": [self._table]}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Partitions": self._partitions}]


def _wrong(catalog: Catalog, folder: Path) -> list[str]:
    file = folder / "crawled.yaml"
    file.write_text(EXPECTED)
    return not_as_expected(catalog, {"staging": "raw"}, "staging", file)


def test_a_catalog_as_expected_has_nothing_wrong(tmp_path: Path) -> None:
    assert _wrong(Catalog("t", "bigint", ["2", "1"]), tmp_path) == []


def test_another_type_and_a_missing_partition_are_both_reported(tmp_path: Path) -> None:
    assert sorted(_wrong(Catalog("t", "string", ["1"]), tmp_path)) == [
        "t: columns is {'a': 'string', 'b': 'string'}, expected {'a': 'bigint', 'b': 'string'}",
        "t: partitions is ['1'], expected ['1', '2']",
    ]


def test_a_table_too_many_or_too_few_is_reported(tmp_path: Path) -> None:
    assert _wrong(Catalog("u", "bigint", []), tmp_path)[0] == "raw has ['u'], expected ['t']"


def test_a_table_of_documents_may_be_there_or_not_yet(tmp_path: Path) -> None:
    (tmp_path / "crawled.yaml").write_text("staging: {}\n")
    for catalog in (Catalog("t", "bigint", []), Catalog("u", "bigint", [])):
        found = not_as_expected(catalog, {"staging": "raw"}, "staging", tmp_path / "crawled.yaml", others=["t"])
        assert found == ([] if catalog._table["Name"] == "t" else ["raw has ['u'], expected []"])
