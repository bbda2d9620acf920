"""The records (run.json) of runs, read from the reports bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from headgate.lake.paths import RUNS, record_file, run_of_record
from headgate.verify.clients import AwsClients
from headgate.verify.probe import ProbeFailed
from headgate.verify.probe_dataset import DATASET, DATASETS
from headgate.verify.probe_job import ProbeJob

Record = Mapping[str, Any]


def read_record(aws: AwsClients, job: ProbeJob, run: str) -> Record:
    """Read the record of a run."""
    key = job.reports.key(record_file(run))
    return json.loads(aws.s3.get_object(Bucket=job.reports.bucket, Key=key)["Body"].read())


def runs_since(aws: AwsClients, job: ProbeJob, since: datetime) -> Iterator[str]:
    """Yield the runs of the probes' datasets alone since then; the name of a run begins with its start time."""
    top, prefix = job.reports.key(""), job.reports.key(f"{RUNS}/")
    pages = aws.s3.get_paginator("list_objects_v2").paginate(
        Bucket=job.reports.bucket, Prefix=prefix, StartAfter=f"{prefix}{since:%Y%m%dT%H%M%SZ}"
    )
    for page in pages:
        for item in page.get("Contents", []):
            run = run_of_record(item["Key"].removeprefix(top))
            if run and not _datasets(aws, job, run) - set(DATASETS):
                yield run


def newest_record(aws: AwsClients, job: ProbeJob, since: datetime) -> Record:
    """Return the record of the newest run of the job's dataset. Raises `ProbeFailed` when there is none."""
    runs = (run for run in runs_since(aws, job, since) if _datasets(aws, job, run) == {job.dataset})
    newest = max(runs, default=None)
    if newest is None:
        where = job.reports.uri(f"{RUNS}/")
        raise ProbeFailed(f"no run record of `{job.dataset}` since {since:%H:%M:%S} below {where}")
    return read_record(aws, job, newest)


def _datasets(aws: AwsClients, job: ProbeJob, run: str) -> set[str]:
    return set(read_record(aws, job, run)["datasets"])


def dataset_part(record: Record, dataset: str = DATASET) -> Mapping[str, Any]:
    """Return the part of a record that is about one of the probes' datasets."""
    return record["datasets"][dataset]
