"""One crawl: list and read the objects of the crawler's targets, and write the tables and partitions they make.

    python -m rehearsal.aws.crawlers.crawl < crawler.json

Runs in a process of its own, in the checkout's Python, with the credentials of the crawler's role. The last line that
it prints is JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.crawlers import LOG_GROUP, grouping, infer
from rehearsal.aws.crawlers.catalog import Catalog
from rehearsal.aws.crawlers.schemas import Schema


class NotServed(Exception):
    """The crawler has a setting that AWS carries out and the rehearsal does not."""


class Crawl:
    """One run of one crawler."""

    def __init__(self, crawler: Mapping[str, Any], endpoint: str, region: str) -> None:
        self._crawler, self._endpoint, self._region = crawler, endpoint, region
        self._s3 = self._client("s3")
        self._settings = json.loads(crawler.get("Configuration") or "{}")
        self.catalog = Catalog(self._client("glue"), crawler, self._settings)
        self.lines: list[str] = []

    def run(self) -> None:
        """Crawl every target, in order."""
        _must_be_served(self._crawler, self._settings)
        self._log("BENCHMARK : Running Start Crawl for Crawler " + str(self._crawler["Name"]))
        targets = self._crawler.get("Targets") or {}
        for target in targets.get("S3Targets") or []:
            self._crawl_path(target["Path"], target.get("Exclusions") or [])
        for target in targets.get("CatalogTargets") or []:
            for table in target["Tables"]:
                self._crawl_table(target["DatabaseName"], table)
        self._log("BENCHMARK : Crawler has finished running and is in state READY")

    def write_log(self, prefix: str) -> None:
        """Write the lines to CloudWatch; a role that may not write there still crawls."""
        logs, stream = self._client("logs"), str(self._crawler["Name"])
        try:
            for make, named in ((logs.create_log_group, {}), (logs.create_log_stream, {"logStreamName": stream})):
                with suppress(logs.exceptions.ResourceAlreadyExistsException):
                    make(logGroupName=LOG_GROUP, **named)
            now = int(time.time() * 1000)
            lines = [{"timestamp": now, "message": f"[{prefix}] {line}"} for line in self.lines]
            logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=lines)
        except ClientError as problem:
            print(f"no log: {problem}", file=sys.stderr)

    def _crawl_path(self, path: str, exclusions: Sequence[str]) -> None:
        bucket, folder = _place(path)
        files = [
            file for file in self._objects(bucket, folder) if not grouping.excluded(file.key[len(folder) :], exclusions)
        ]
        policy = self._settings.get("Grouping", {}).get("TableGroupingPolicy", "")
        tables = grouping.tables(folder, files, combine=policy == "CombineCompatibleSchemas")
        self._log(f"INFO : {path}: {len(files)} files, {len(tables)} tables")
        for table in tables:
            named = table if table.name else replace(table, name=grouping.table_name(bucket))
            for line in self.catalog.keep(bucket, named, exclusions):
                self._log(f"INFO : {line}")

    def _crawl_table(self, database: str, name: str) -> None:
        known = self.catalog.table(database, name)
        bucket, folder = _place(known["StorageDescriptor"]["Location"])
        files = list(self._objects(bucket, folder))
        for line in self.catalog.refresh(known, bucket, folder, files):
            self._log(f"INFO : {line}")

    def _objects(self, bucket: str, folder: str) -> Iterator[grouping.File]:
        """Every object below the folder that is not empty, with its schema."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            for entry in page.get("Contents", []):
                key, size = entry["Key"], entry["Size"]
                if size and not key.endswith("/"):
                    yield grouping.File(key, size, self._look(bucket, key, size))

    def _look(self, bucket: str, key: str, size: int) -> Schema:
        """Read the beginning of a text; read all of a Parquet file, whose columns are listed at its end."""
        part = {"Range": f"bytes=0-{infer.SAMPLE - 1}"} if size > infer.SAMPLE else {}
        content = self._s3.get_object(Bucket=bucket, Key=key, **part)["Body"].read()
        if part and content[:4] == b"PAR1":
            content = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return infer.classify(content, whole=not part)

    def _log(self, line: str) -> None:
        self.lines.append(line)

    def _client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self._endpoint, region_name=self._region,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        )  # fmt: skip


_SETTINGS = {"Version", "Grouping", "CrawlerOutput", "CreatePartitionIndex"}


def _must_be_served(crawler: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Raise `NotServed` for a setting that the rehearsal does not carry out as AWS does."""
    policy, recrawl = crawler.get("SchemaChangePolicy") or {}, crawler.get("RecrawlPolicy") or {}
    kinds = set(crawler.get("Targets") or {}) - {"S3Targets", "CatalogTargets"}
    wanted = {
        "SchemaChangePolicy.UpdateBehavior": (policy.get("UpdateBehavior"), ("UPDATE_IN_DATABASE", "LOG", None)),
        "SchemaChangePolicy.DeleteBehavior": (policy.get("DeleteBehavior"), ("LOG",)),
        "RecrawlPolicy.RecrawlBehavior": (recrawl.get("RecrawlBehavior"), ("CRAWL_EVERYTHING", None)),
        "Classifiers": (tuple(crawler.get("Classifiers") or ()), ((),)),
        "Targets": (sorted(kind for kind in kinds if crawler["Targets"][kind]), ([],)),
        "CreatePartitionIndex": (settings.get("CreatePartitionIndex", False), (False,)),
        "Configuration": (sorted(set(settings) - _SETTINGS), ([],)),
    }
    for name, (given, served) in wanted.items():
        if given not in served:
            raise NotServed(f"the rehearsal's crawler does not serve {name} = {given}")


def _place(path: str) -> tuple[str, str]:
    """Bucket and folder (with its last `/`, or empty) of an address."""
    parts = urlsplit(path)
    folder = parts.path.strip("/")
    return parts.netloc, f"{folder}/" if folder else ""


def main() -> int:
    """Crawl as the standard input says; print the reason and return 1 when the crawl failed."""
    given = json.load(sys.stdin)
    crawl = Crawl(given["crawler"], given["endpoint"], given["region"])
    error = ""
    try:
        crawl.run()
    except (BotoCoreError, ClientError, NotServed, LookupError) as problem:
        error = str(problem)
        crawl.lines.append(f"ERROR : {error}")
    crawl.write_log(given["prefix"])
    print(json.dumps({"error": error, "created": crawl.catalog.created, "updated": crawl.catalog.updated}))
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
