"""Crawlers and the raw tables that they register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.account import error_code
from headgate.verify.probed_lake import ProbedLake

_STOPPING = 5 * 60


def describe_crawler(lake: ProbedLake, name: str) -> Mapping[str, Any]:
    """Return Glue's description of a crawler."""
    return lake.aws.glue.get_crawler(Name=name)["Crawler"]


def raw_table(crawler: Mapping[str, Any], dataset: str) -> tuple[str, str]:
    """Return database and name of the table that a crawler makes of a dataset's folder."""
    return crawler["DatabaseName"], f"{crawler.get('TablePrefix', '')}{dataset}"


def find_table(lake: ProbedLake, database: str, table: str) -> Mapping[str, Any] | None:
    """Return the catalog's description of a table; None if there is none."""
    try:
        return lake.aws.glue.get_table(DatabaseName=database, Name=table)["Table"]
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return None


def stop_crawler(lake: ProbedLake, name: str) -> None:
    """Stop a crawler unless it is at rest, and wait until it is."""
    if describe_crawler(lake, name)["State"] == "RUNNING":
        lake.aws.glue.stop_crawler(Name=name)
    lake.clock.wait_for(f"the end of the crawler {name}", lambda: _at_rest(lake, name), every=10, timeout=_STOPPING)


def _at_rest(lake: ProbedLake, name: str) -> bool | None:
    return True if describe_crawler(lake, name)["State"] == "READY" else None
