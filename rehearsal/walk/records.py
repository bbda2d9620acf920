"""What the runs said of themselves: the records in the bucket of reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_OF_RUNS = "runs/"


def records(s3: Any, bucket: str, *, newest_first: bool = False) -> Iterator[dict[str, Any]]:
    """Every run's record (`run.json`), in the order of the runs' names, which begin with their time."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_OF_RUNS)
    keys = sorted((one["Key"] for page in pages for one in page.get("Contents", [])), reverse=newest_first)
    for key in keys:
        if key.endswith("/run.json"):
            yield json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def rows_told(s3: Any, bucket: str) -> dict[str, int]:
    """The rows of each dataset and mart, as the last run says that has seen it."""
    return {
        name: said["rows_after"]
        for record in records(s3, bucket)
        for name, said in record["datasets"].items()
        if said.get("rows_after") is not None
    }
