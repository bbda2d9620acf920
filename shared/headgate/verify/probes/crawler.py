"""A crawler registers raw files, and Athena reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headgate.verify.crawls import describe_crawler, find_table, raw_table, stop_crawler
from headgate.verify.estimate import CRAWL_MINUTES
from headgate.verify.probe import Probe, ProbeFailed, ProbeSkipped, require
from headgate.verify.probe_dataset import MASKED, PARQUET
from headgate.verify.probed_lake import ProbedLake, quoted

SQL = "SELECT count(*) FROM {table} WHERE amount BETWEEN 1 AND 5 AND probe_id <> 'probe_id'"


def _look(lake: ProbedLake) -> str:
    lake.masked_run()
    name = lake.job.names.crawler
    crawled = _crawl(lake, name)
    seconds = (lake.clock.now() - crawled["LastCrawl"]["StartTime"]).total_seconds()
    status, why = crawled["LastCrawl"]["Status"], crawled["LastCrawl"].get("ErrorMessage", "")
    require(status == "SUCCEEDED", f"the crawler {name} ended {status}: {why}")
    database, table = raw_table(crawled, PARQUET)
    found = find_table(lake, database, table)
    if found is None:
        raise ProbeFailed(f"the crawler made no table `{database}.{table}`")
    columns = ",".join(column["Name"] for column in found["StorageDescriptor"]["Columns"])
    require(columns == MASKED.header, f"the columns of `{table}` are {columns}, expected {MASKED.header}")
    rows = lake.ask(SQL, quoted(database, table)).rows
    expected = [(str(len(MASKED.rows)),)]
    require(list(rows) == expected, f"Athena shows {rows} raw rows, expected {expected}")
    return f"`{table}` with {len(MASKED.rows)} raw rows in Athena, {seconds:.0f} s after the start of the crawl"


def _crawl(lake: ProbedLake, name: str) -> Mapping[str, Any]:
    """Start the crawler, and return its description after the crawl. A crawl that takes too long is stopped."""
    before = describe_crawler(lake, name)
    if before["State"] != "READY":
        raise ProbeSkipped(f"the crawler {name} is running: wait for its end, and run this probe again")
    lake.created.crawler, lake.created.crawls = name, lake.created.crawls + 1
    lake.aws.glue.start_crawler(Name=name)
    former = before.get("LastCrawl", {}).get("StartTime")

    def ended() -> Mapping[str, Any] | None:
        crawler = describe_crawler(lake, name)
        new = crawler.get("LastCrawl", {}).get("StartTime") not in (None, former)
        return crawler if new and crawler["State"] == "READY" else None

    try:
        return lake.clock.wait_for(f"the end of the crawler {name}", ended, every=15, timeout=60 * CRAWL_MINUTES)
    except ProbeFailed:
        stop_crawler(lake, name)
        raise


PROBE = Probe(
    name="crawler",
    claim="a crawler registers raw files, and Athena reads them",
    sent="StartCrawler of the weekly crawler, over the raw file of the run above and those of others",
    look=_look,
    dataset=PARQUET,
)
