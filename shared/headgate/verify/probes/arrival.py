"""A file that arrives is processed without further action: queue, tick, state machine, job, report.

The result includes how long that takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.lake.paths import latest_report, report_file
from headgate.verify.job_runs import require_success
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import ARRIVAL, DATASET
from headgate.verify.probe_job import ProbeJob
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.records import dataset_part, read_record

_TICK = 40 * 60  # the longest window is 30 minutes
_PIPELINE = 60 * 60


@dataclass(frozen=True)
class Arrived:
    """When the file arrived, and the ended execution of the pipeline that it started."""

    at: datetime
    execution: Mapping[str, Any]


def arrived(lake: ProbedLake) -> Arrived:
    """Put a file into staging and wait for the end of the pipeline that it starts. Done once."""
    return lake.once("the pipeline of the arrival", lambda: _arrived(lake))


def _arrived(lake: ProbedLake) -> Arrived:
    lake.published_run()
    at = _modified(lake, lake.job.staging.bucket, lake.put(ARRIVAL, keep_hint=True))
    execution = _execution(lake, at)
    why = execution.get("cause", "")
    require(execution["status"] == "SUCCEEDED", f"the pipeline ended {execution['status']}: {why}")
    return Arrived(at, execution)


def _look(lake: ProbedLake) -> str:
    pipeline, reports = arrived(lake), lake.job.reports
    delay = (pipeline.execution["startDate"] - pipeline.at).total_seconds()
    run = run_since(lake, lake.job, pipeline.at)
    dataset = dataset_part(read_record(lake.aws, lake.job, run))
    counts, expected = (dataset["status"], dataset["published"]), ("published", ARRIVAL.kept)
    require(counts == expected, f"the record of run {run} has {counts}, expected {expected}")
    reported = _modified(lake, reports.bucket, reports.key(report_file(run)))
    latest = _modified(lake, reports.bucket, reports.key(latest_report(DATASET)))
    require(latest >= reported, f"{latest_report(DATASET)} is of {latest}, older than the report of {reported}")
    duration = (reported - pipeline.at).total_seconds()
    return (
        f"report {duration:.0f} s after the arrival; the pipeline began after {delay:.0f} s; "
        f"{ARRIVAL.kept} rows published"
    )


def _execution(lake: ProbedLake, arrived: datetime) -> Mapping[str, Any]:
    """Wait for the end of the first execution that began after the arrival, and return it."""
    states, machine = lake.aws.states, lake.job.names.state_machine

    def begun() -> str | None:
        executions = states.list_executions(stateMachineArn=machine, maxResults=20)["executions"]
        later = [execution for execution in executions if execution["startDate"] >= arrived]
        return min(later, key=lambda execution: execution["startDate"])["executionArn"] if later else None

    def ended() -> Mapping[str, Any] | None:
        execution = states.describe_execution(executionArn=arn)
        return execution if execution["status"] != "RUNNING" else None

    arn = lake.clock.wait_for(f"an execution of {machine}", begun, every=10, timeout=_TICK)
    return lake.clock.wait_for(f"the end of {arn}", ended, every=10, timeout=_PIPELINE)


def run_since(lake: ProbedLake, job: ProbeJob, arrived: datetime) -> str:
    """Return the name of the newest run of a job that the pipeline has started; it names each run with `--run_id`."""
    runs = lake.aws.glue.get_job_runs(JobName=job.names.job, MaxResults=20)["JobRuns"]
    started = [run for run in runs if run["StartedOn"] >= arrived and "--run_id" in run.get("Arguments", {})]
    require(bool(started), f"the pipeline started no run of `{job.names.job}` since {arrived:%H:%M:%S}")
    for run in started:
        lake.created.runs[run["Id"]] = run
    newest = max(started, key=lambda run: run["StartedOn"])
    require_success(newest)
    return newest["Arguments"]["--run_id"]


def _modified(lake: ProbedLake, bucket: str, key: str) -> datetime:
    return lake.aws.s3.head_object(Bucket=bucket, Key=key)["LastModified"]


PROBE = Probe(
    name="arrival",
    claim="a file that arrives is processed and reported without further action",
    sent="a file of 2 rows into staging, and nothing else",
    look=_look,
)
