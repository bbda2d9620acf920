"""A JSON document arrives, and its rows are in Athena: how many seconds each step takes.

The first document waits for the crawl that registers its dataset's table; from then on Athena reads a new file at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from headgate import columns
from headgate.lake.paths import incoming_folder
from headgate.verify.crawls import describe_crawler, find_table, raw_table
from headgate.verify.hints import take_hints
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import DOCUMENTS
from headgate.verify.probed_lake import ProbedLake, quoted

SQL = "SELECT probe_id, amount, CAST(sent_at AS varchar) FROM {table} ORDER BY probe_id"
_FLATTENED = 10 * 60
# By default a crawl begins an hour after the last one, at the next tick; a tick comes after half an hour at the latest.
_CRAWLED = 130 * 60
_SHOWN = 10 * 60


def document(number: int) -> bytes:
    """Return a document of one row."""
    detail = {"amount": number * 7, "at": "2026-01-02T03:04:05Z"}
    return json.dumps({"id": f"document-{number}", "detail": detail, "more": {"of": ["a", "b"]}}).encode()


def rows(count: int) -> list[tuple[str, str, str]]:
    """Return the typed rows of the first documents."""
    return [(f"document-{number}", str(number * 7), "2026-01-02 03:04:05.000") for number in range(1, count + 1)]


def _look(lake: ProbedLake) -> str:
    crawler = describe_crawler(lake, lake.job.names.events_crawler)
    database, table = raw_table(crawler, DOCUMENTS)
    sent, landed = _send(lake, 1)
    registered = lake.clock.wait_for(
        f"the table `{database}.{table}`", lambda: find_table(lake, database, table), every=15, timeout=_CRAWLED
    )
    lake.created.crawls += 1
    lake.created.landed_keys.clear()  # the crawl has taken their hints
    _require_text(registered)
    view = quoted(database, f"{table}_typed")
    first = lake.ask(SQL, view)
    require(list(first.rows) == rows(1), f"the typed view shows {first.rows}, expected {rows(1)}")
    again, landed_again = _send(lake, 2)
    shown = lake.clock.wait_for("the second document's row", lambda: _answered(lake, view), every=2, timeout=_SHOWN)
    names = lake.job.names
    take_hints(lake.aws, names, lake.clock, lake.created.landed_keys, queue=names.landed)  # no further crawl
    first_row, second_row = _seconds(sent, first.answered), _seconds(again, shown)
    return (
        f"seconds after the first document: file {_seconds(sent, landed)}, table "
        f"{_seconds(sent, registered['CreateTime'])}, typed rows {first_row}; after the second, without a crawl: "
        f"file {_seconds(again, landed_again)}, typed rows {second_row}"
    )


def _send(lake: ProbedLake, number: int) -> tuple[datetime, datetime]:
    """Put a document and wait for its Parquet file; return when S3 has stored each. The pipeline is not started."""
    bucket, name = lake.job.staging.bucket, f"verify-{lake.token}-{number}"
    key = f"{incoming_folder(DOCUMENTS)}/{name}.json"
    lake.write(bucket, key, document(number))
    prefix = lake.job.staging.key(f"{DOCUMENTS}/{name}-")

    def file() -> Mapping[str, Any] | None:
        items = lake.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
        return items[0] if items else None

    what = f"a Parquet file s3://{bucket}/{prefix}*"
    landed = lake.clock.wait_for(what, file, every=1, timeout=_FLATTENED)
    lake.created.objects.add((bucket, landed["Key"]))
    lake.created.landed_keys.add(landed["Key"])
    lake.take_hint(landed["Key"], DOCUMENTS)
    return lake.aws.s3.head_object(Bucket=bucket, Key=key)["LastModified"], landed["LastModified"]


def _require_text(table: Mapping[str, Any]) -> None:
    found = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    other = {name: kind for name, kind in found.items() if kind != "string"}
    require(not other, f"the crawled columns are not all texts: {other}")
    require(columns.DOCUMENT in found, f"the crawled columns are {', '.join(found)}, without `{columns.DOCUMENT}`")


def _answered(lake: ProbedLake, view: str) -> datetime | None:
    answer = lake.ask(SQL, view)
    return answer.answered if list(answer.rows) == rows(2) else None


def _seconds(since: datetime, until: datetime) -> str:
    return f"{(until - since).total_seconds():.0f}"


PROBE = Probe(
    name="document",
    claim="a JSON document becomes typed rows in Athena without further action",
    sent="a document into incoming, and nothing else; a second one after the crawl",
    look=_look,
    dataset=DOCUMENTS,
)
