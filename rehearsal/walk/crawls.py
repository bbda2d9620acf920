"""Start the crawlers through the API, and compare tables of the catalog with `crawled.yaml`."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import RunFailed

EXPECTED = Path(__file__).with_name("crawled.yaml")
_WITHIN = 120.0
_LOOK_EVERY = 0.2

Json = dict[str, Any]


def crawl(glue: Any, names: list[str]) -> None:
    """Start these crawlers, once each is ready, and wait until each has succeeded. Raises `RunFailed`."""
    for name in names:
        _ready(glue, name)
        glue.start_crawler(Name=name)
    for name in names:
        last = _ready(glue, name)["LastCrawl"]
        if last["Status"] != "SUCCEEDED":
            raise RunFailed(
                f"the crawl ended {last['Status']}: {last.get('ErrorMessage', '')}", where=f"crawler {name}"
            )


def _ready(glue: Any, name: str) -> Json:
    until = time.monotonic() + _WITHIN
    while time.monotonic() < until:
        crawler = glue.get_crawler(Name=name)["Crawler"]
        if crawler["State"] == "READY":
            return crawler
        time.sleep(_LOOK_EVERY)
    raise RunFailed(f"the crawler has not ended within {_WITHIN:.0f} s", where=f"crawler {name}")


def not_as_expected(
    glue: Any, databases: Mapping[str, str], role: str, expected: Path = EXPECTED, *, demo: bool = True,
    others: Collection[str] = (),
) -> list[str]:  # fmt: skip
    """Every table, column or partition of a database (`role`: its name in the file) that differs from the file.

    Views do not count. With other files than the demo's, tables and partitions that only the demo has (`demo: true`)
    are skipped. Tables in `others` may be there or not yet: those of documents, which another machine crawls.
    """
    tables = yaml.safe_load(expected.read_text(encoding="utf-8"))[role]
    listed = glue.get_tables(DatabaseName=databases[role])["TableList"]
    catalog = {table["Name"]: table for table in listed if table.get("TableType") != "VIRTUAL_VIEW"}
    wrong = list[str]()
    if demo and role == "staging" and set(catalog) - set(others) != set(tables) - set(others):
        wrong.append(f"{databases[role]} has {sorted(catalog)}, expected {sorted(tables)}")
    for name, wanted in tables.items():
        only_demo = wanted.pop("demo", False)
        if demo or not only_demo:
            actual = registered(glue, catalog[name]) if name in catalog else {}
            wrong += _differences(name, actual, {"header": False, "keys": [], "partitions": [], **wanted})
    return wrong


def _differences(name: str, actual: Json, wanted: Json) -> list[str]:
    return [
        f"{name}: {key} is {actual.get(key)}, expected {value}"
        for key, value in wanted.items()
        if actual.get(key) != value
    ]


def registered(glue: Any, table: Json) -> Json:
    """A table of the catalog in the terms of `crawled.yaml`."""
    storage, place = table["StorageDescriptor"], {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
    parameters = {**storage.get("Parameters", {}), **table.get("Parameters", {})}
    pages = glue.get_paginator("get_partitions").paginate(**place)
    return {
        "format": parameters.get("classification", ""),
        "header": parameters.get("skip.header.line.count") == "1",
        "columns": {column["Name"]: column["Type"] for column in storage["Columns"]},
        "keys": [key["Name"] for key in table.get("PartitionKeys", [])],
        "partitions": sorted("/".join(part["Values"]) for page in pages for part in page["Partitions"]),
    }
