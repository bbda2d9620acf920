"""The runs' own records, from the bucket of reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from headgate.lake.paths import RUNS, run_of_record


def records(s3: Any, bucket: str, *, newest_first: bool = False) -> Iterator[dict[str, Any]]:
    """Every run's record (`run.json`), in the order of the runs' names, which begin with their time."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{RUNS}/")
    keys = sorted((entry["Key"] for page in pages for entry in page.get("Contents", [])), reverse=newest_first)
    for key in keys:
        if run_of_record(key):
            yield json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def recorded_rows(s3: Any, bucket: str) -> dict[str, int]:
    """The rows of each dataset and mart, from the last run that counted them."""
    return {
        name: outcome["rows_after"]
        for record in records(s3, bucket)
        for name, outcome in record["datasets"].items()
        if outcome.get("rows_after") is not None
    }
