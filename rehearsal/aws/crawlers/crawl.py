"""One crawl: lists and reads what the crawler's targets hold, and writes the tables and partitions it finds.

    python -m rehearsal.aws.crawlers.crawl < crawler.json

Runs in a process of its own with the credentials of the crawler's role; the last line that it prints is JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.crawlers import grouping as stores
from rehearsal.aws.crawlers import infer
from rehearsal.aws.crawlers.catalog import Catalog
from rehearsal.aws.crawlers.schemas import Schema

LOG_GROUP = "/aws-glue/crawlers"


class NotServed(Exception):
    """The crawler is set to something that AWS does and the rehearsal does not."""


class Crawl:
    """One run of one crawler."""

    def __init__(self, crawler: Mapping[str, Any], endpoint: str, region: str) -> None:
        self._crawler, self._endpoint, self._region = crawler, endpoint, region
        self._s3 = self._client("s3")
        self._settings = json.loads(crawler.get("Configuration") or "{}")
        self.catalog = Catalog(self._client("glue"), crawler, self._settings)
        self.said: list[str] = []

    def run(self) -> None:
        """Crawl every target, in order."""
        _insist_on_known(self._crawler, self._settings)
        self._say("BENCHMARK : Running Start Crawl for Crawler " + str(self._crawler["Name"]))
        targets = self._crawler.get("Targets") or {}
        for target in targets.get("S3Targets") or []:
            self._crawl_path(target["Path"], target.get("Exclusions") or [])
        for target in targets.get("CatalogTargets") or []:
            for table in target["Tables"]:
                self._crawl_table(target["DatabaseName"], table)
        self._say("BENCHMARK : Crawler has finished running and is in state READY")

    def tell(self, prefix: str) -> None:
        """Leave the lines where CloudWatch has them; whoever may not write there crawls all the same."""
        logs, stream = self._client("logs"), str(self._crawler["Name"])
        try:
            for make, named in ((logs.create_log_group, {}), (logs.create_log_stream, {"logStreamName": stream})):
                with suppress(logs.exceptions.ResourceAlreadyExistsException):
                    make(logGroupName=LOG_GROUP, **named)
            now = int(time.time() * 1000)
            lines = [{"timestamp": now, "message": f"[{prefix}] {line}"} for line in self.said]
            logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=lines)
        except ClientError as problem:
            print(f"no log: {problem}", file=sys.stderr)

    def _crawl_path(self, path: str, exclusions: Sequence[str]) -> None:
        bucket, folder = _place(path)
        files = [
            file for file in self._objects(bucket, folder) if not stores.excluded(file.key[len(folder) :], exclusions)
        ]
        policy = self._settings.get("Grouping", {}).get("TableGroupingPolicy", "")
        found = stores.tables(folder, files, combine=policy == "CombineCompatibleSchemas")
        self._say(f"INFO : {path}: {len(files)} files, {len(found)} tables")
        for table in found:
            if not table.name:
                table = stores.Table(stores.table_name(bucket), table.path, table.files, table.keys, table.partitions)
            for line in self.catalog.keep(bucket, table, exclusions):
                self._say(f"INFO : {line}")

    def _crawl_table(self, database: str, name: str) -> None:
        known = self.catalog.table(database, name)
        bucket, folder = _place(known["StorageDescriptor"]["Location"])
        files = list(self._objects(bucket, folder))
        for line in self.catalog.refresh(known, bucket, folder, files):
            self._say(f"INFO : {line}")

    def _objects(self, bucket: str, folder: str) -> Iterator[stores.File]:
        """Every object below that holds anything, looked at."""
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
            for one in page.get("Contents", []):
                if one["Size"] and not one["Key"].endswith("/"):
                    yield stores.File(one["Key"], one["Size"], self._look(bucket, one["Key"], one["Size"]))

    def _look(self, bucket: str, key: str, size: int) -> Schema:
        """The beginning of text, all of Parquet: its columns stand at its end."""
        part = {"Range": f"bytes=0-{infer.SAMPLE - 1}"} if size > infer.SAMPLE else {}
        content = self._s3.get_object(Bucket=bucket, Key=key, **part)["Body"].read()
        if part and content[:4] == b"PAR1":
            content = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return infer.classify(content, whole=not part)

    def _say(self, line: str) -> None:
        self.said.append(line)

    def _client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self._endpoint, region_name=self._region,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 2}),
        )  # fmt: skip


def _insist_on_known(crawler: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse what would be done otherwise than AWS does it."""
    policy, recrawl = crawler.get("SchemaChangePolicy") or {}, crawler.get("RecrawlPolicy") or {}
    kinds = set(crawler.get("Targets") or {}) - {"S3Targets", "CatalogTargets"}
    wanted = {
        "SchemaChangePolicy.UpdateBehavior": (policy.get("UpdateBehavior"), ("UPDATE_IN_DATABASE", "LOG", None)),
        "SchemaChangePolicy.DeleteBehavior": (policy.get("DeleteBehavior"), ("LOG",)),
        "RecrawlPolicy.RecrawlBehavior": (recrawl.get("RecrawlBehavior"), ("CRAWL_EVERYTHING", None)),
        "Classifiers": (tuple(crawler.get("Classifiers") or ()), ((),)),
        "Targets": (sorted(kind for kind in kinds if crawler["Targets"][kind]), ([],)),
        "Configuration": (sorted(set(settings) - {"Version", "Grouping", "CrawlerOutput"}), ([],)),
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
    """Crawl what stands in the standard input; 1 with the reason when it failed."""
    asked = json.load(sys.stdin)
    crawl = Crawl(asked["crawler"], asked["endpoint"], asked["region"])
    error = ""
    try:
        crawl.run()
    except (BotoCoreError, ClientError, NotServed, LookupError) as problem:
        error = str(problem)
        crawl.said.append(f"ERROR : {error}")
    crawl.tell(asked["prefix"])
    print(json.dumps({"error": error, "created": crawl.catalog.created, "updated": crawl.catalog.updated}))
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
