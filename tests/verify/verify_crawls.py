"""Of the fake account: crawlers, and the path of JSON documents."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from verify_names import LAKE, STAGING
from verify_stubs import Refuse, Time

from headgate.verify.probe_dataset import DOCUMENTS, MASKED, PARQUET

WEEK = timedelta(days=7)
WEEKLY, EVENTS = f"{LAKE}-staging-weekly", f"{LAKE}-events"
FOLDERS = {WEEKLY: PARQUET, EVENTS: DOCUMENTS}
TEXTS = ["probe_id", "amount", "sent_at", "_document", "_rest", "_faults", "_raw"]


class Crawls:
    """A crawl takes 100 s. A document is flattened 5 s after it is put, and crawled at the next quarter of an hour."""

    time: Time
    objects: dict[tuple[str, str], tuple[bytes, datetime]]
    hints: list[str]

    def __init__(self) -> None:
        self.crawling: dict[str, datetime] = {}  # crawler to the start of its crawl
        self.crawled: dict[str, datetime] = {}  # crawler to the start of its last crawl
        self.raw_tables: dict[str, datetime] = {}  # dataset to when its raw table was made
        self.landed: list[str] = []  # hints of landed documents
        self.stopped_crawls: list[str] = []

    def put(self, bucket: str, key: str, content: bytes) -> None:
        raise NotImplementedError

    def GetCrawler(self, Name: str) -> dict[str, Any]:
        assert Name in FOLDERS
        last = self.crawled.get(Name, datetime(2026, 11, 14).astimezone())
        state = "RUNNING" if Name in self.crawling else "READY"
        crawl = {"LastCrawl": {"Status": "SUCCEEDED", "StartTime": last}}
        return {"Crawler": {"Name": Name, "State": state, "DatabaseName": "staging_db", "TablePrefix": "tbl_", **crawl}}

    def StartCrawler(self, Name: str) -> dict[str, Any]:
        assert Name == WEEKLY
        self.crawling[Name] = self.time.at
        return {}

    def StopCrawler(self, Name: str) -> dict[str, Any]:
        self.crawling.pop(Name)
        self.stopped_crawls.append(Name)
        return {}

    def raw_table(self, name: str) -> dict[str, Any]:
        """The catalog's answer of a crawled table."""
        dataset = name.removeprefix("tbl_")
        if dataset not in self.raw_tables:
            raise Refuse("EntityNotFoundException")
        names = MASKED.header.split(",") if dataset == PARQUET else TEXTS
        storage = {"Columns": [{"Name": column, "Type": "string"} for column in names]}
        return {"Table": {"Name": name, "CreateTime": self.raw_tables[dataset], "StorageDescriptor": storage}}

    def drop_raw_table(self, name: str) -> dict[str, Any]:
        if self.raw_tables.pop(name.removeprefix("tbl_"), None) is None:
            raise Refuse("EntityNotFoundException")
        return {}

    def raw_rows(self, sql: str) -> list[list[Any]]:
        """What Athena answers of a crawled table, or of the view over it."""
        if f'"tbl_{PARQUET}"' in sql:
            return [[len(MASKED.rows)]]
        return [[row["id"], row["detail"]["amount"], "2026-01-02 03:04:05.000"] for row in self._documents()]

    def crawl_second(self) -> None:
        """What happens within a second."""
        for name, began in list(self.crawling.items()):
            if (self.time.at - began).total_seconds() >= 100:
                self.crawled[name] = self.crawling.pop(name)
                self.raw_tables[FOLDERS[name]] = self.time.at
        for (_, key), (_, put) in list(self.objects.items()):
            if key.startswith(f"incoming/{DOCUMENTS}/") and (self.time.at - put).total_seconds() == 5:
                self._flatten(key)
        if int(self.time.at.timestamp()) % 900 == 0 and self.landed:
            self.landed.clear()
            self.crawling[EVENTS] = self.time.at

    def _flatten(self, key: str) -> None:
        path = f"staging/{DOCUMENTS}/{_name(key)}-0123456789abcdef.parquet"
        self.put(STAGING, path, b"x")
        self.hints.append(path)
        self.landed.append(path)

    def _documents(self) -> list[Any]:
        landed = [key for _, key in self.objects if key.endswith(".parquet")]
        documents = sorted(key for _, key in self.objects if key.startswith(f"incoming/{DOCUMENTS}/"))
        flattened = [key for key in documents if any(f"/{_name(key)}-" in path for path in landed)]
        return [json.loads(self.objects[STAGING, key][0]) for key in flattened]


def _name(document: str) -> str:
    return document.rpartition("/")[2].removesuffix(".json")
