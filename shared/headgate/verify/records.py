"""Run records in the reports' bucket: what a run says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from headgate.lake.paths import RUNS, record_file
from headgate.verify.lake_names import Aws, Target
from headgate.verify.probe import NotShown
from headgate.verify.probe_dataset import DATASET

Record = Mapping[str, Any]


def record(aws: Aws, target: Target, run: str) -> Record:
    """The record of a run."""
    key = target.reports.key(record_file(run))
    return json.loads(aws.s3.get_object(Bucket=target.reports.bucket, Key=key)["Body"].read())


def runs_since(aws: Aws, target: Target, since: datetime) -> Iterator[str]:
    """The runs of the probes' dataset since then: a run's name begins with the time at which it began."""
    below = target.reports.key(f"{RUNS}/")
    pages = aws.s3.get_paginator("list_objects_v2").paginate(
        Bucket=target.reports.bucket, Prefix=below, StartAfter=f"{below}{since:%Y%m%dT%H%M%SZ}"
    )
    for page in pages:
        for one in page.get("Contents", []):
            run, _, name = one["Key"].removeprefix(below).partition("/")
            if name == "run.json" and list(record(aws, target, run)["datasets"]) == [DATASET]:
                yield run


def newest_record(aws: Aws, target: Target, since: datetime) -> Record:
    """The record of the newest run of the probes' dataset. Raises `NotShown` when there is none."""
    found = max(runs_since(aws, target, since), default=None)
    if found is None:
        at = target.reports.uri(f"{RUNS}/")
        raise NotShown(f"no run record of `{DATASET}` since {since:%H:%M:%S} lies below {at}")
    return record(aws, target, found)


def outcome(said: Record) -> Mapping[str, Any]:
    """What a record says of the probes' dataset."""
    return said["datasets"][DATASET]
