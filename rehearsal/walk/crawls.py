"""The crawlers, started through the API, and what they registered, held against what they must register."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from headgate.errors import RunFailed

EXPECTED = Path(__file__).with_name("crawled.yaml")
_WITHIN = 120.0
_LOOK_EVERY = 0.2

Json = dict[str, Any]


def crawl(glue: Any, names: list[str]) -> None:
    """Start these crawlers (one that runs already is waited for) and wait until each has ended well."""
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
    raise RunFailed(f"it has not ended in {_WITHIN:.0f} s", where=f"crawler {name}")


def not_as_expected(
    glue: Any, databases: Mapping[str, str], role: str, expected: Path = EXPECTED, *, demo: bool = True
) -> list[str]:
    """Every table, column or partition of a database (`role`: its name in the file) that is not as the file has it.

    With other files than the demo's, tables and partitions that only those have (`demo: true`) are passed over.
    """
    tables = yaml.safe_load(expected.read_text(encoding="utf-8"))[role]
    found = {one["Name"]: one for one in glue.get_tables(DatabaseName=databases[role])["TableList"]}
    wrong = list[str]()
    if demo and role == "staging" and set(found) != set(tables):
        wrong.append(f"{databases[role]} holds {sorted(found)}, expected {sorted(tables)}")
    for name, wanted in tables.items():
        only_demo = wanted.pop("demo", False)
        if demo or not only_demo:
            said = registered(glue, found[name]) if name in found else {}
            wrong += _differs(name, said, {"header": False, "keys": [], "partitions": [], **wanted})
    return wrong


def _differs(name: str, said: Json, wanted: Json) -> list[str]:
    return [f"{name}: {key} is {said.get(key)}, expected {one}" for key, one in wanted.items() if said.get(key) != one]


def registered(glue: Any, table: Json) -> Json:
    """A table of the catalog in the words of the file of what is expected."""
    storage, place = table["StorageDescriptor"], {"DatabaseName": table["DatabaseName"], "TableName": table["Name"]}
    said = {**storage.get("Parameters", {}), **table.get("Parameters", {})}
    pages = glue.get_paginator("get_partitions").paginate(**place)
    return {
        "format": said.get("classification", ""),
        "header": said.get("skip.header.line.count") == "1",
        "columns": {one["Name"]: one["Type"] for one in storage["Columns"]},
        "keys": [one["Name"] for one in table.get("PartitionKeys", [])],
        "partitions": sorted("/".join(one["Values"]) for page in pages for one in page["Partitions"]),
    }
