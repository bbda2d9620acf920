"""A file that arrives is answered by itself: queue, tick, state machine, job, report. How long it takes is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from headgate.lake.paths import latest_report, report_file
from headgate.verify.job_runs import must_have_succeeded
from headgate.verify.probe import Probe, insist
from headgate.verify.probe_dataset import ARRIVAL, DATASET
from headgate.verify.probed_lake import Scene
from headgate.verify.records import outcome, record

_TICK = 40 * 60  # the longest window is 30 minutes
_PIPELINE = 60 * 60


def _look(scene: Scene) -> str:
    scene.published()
    staging, reports = scene.target.staging, scene.target.reports
    arrived = _modified(scene, staging.bucket, scene.put(ARRIVAL, hint_stays=True))
    execution = _execution(scene, arrived)
    began = (execution["startDate"] - arrived).total_seconds()
    why = execution.get("cause", "")
    insist(execution["status"] == "SUCCEEDED", f"the pipeline ended {execution['status']}: {why}")
    run = _run(scene, arrived)
    said = outcome(record(scene.aws, scene.target, run))
    counts, wanted = (said["status"], said["published"]), ("published", ARRIVAL.kept)
    insist(counts == wanted, f"the run {run} says {counts}, expected {wanted}")
    reported = _modified(scene, reports.bucket, reports.key(report_file(run)))
    kept = _modified(scene, reports.bucket, reports.key(latest_report(DATASET)))
    insist(kept >= reported, f"{latest_report(DATASET)} is of {kept}, older than the report of {reported}")
    took = (reported - arrived).total_seconds()
    return (
        f"report {took:.0f} s after the arrival; the pipeline began after {began:.0f} s; {ARRIVAL.kept} rows published"
    )


def _execution(scene: Scene, arrived: datetime) -> Mapping[str, Any]:
    """The first execution that began after the arrival, when it has ended."""
    states, machine = scene.aws.states, scene.target.site.machine

    def begun() -> str | None:
        found = states.list_executions(stateMachineArn=machine, maxResults=20)["executions"]
        later = [one for one in found if one["startDate"] >= arrived]
        return min(later, key=lambda one: one["startDate"])["executionArn"] if later else None

    def ended() -> Mapping[str, Any] | None:
        said = states.describe_execution(executionArn=arn)
        return said if said["status"] != "RUNNING" else None

    arn = scene.clock.until(f"an execution of {machine}", begun, every=10, at_most=_TICK)
    return scene.clock.until(f"the end of {arn}", ended, every=10, at_most=_PIPELINE)


def _run(scene: Scene, arrived: datetime) -> str:
    """The name of the newest run that the pipeline has started: it names each with `--run_id`."""
    runs = scene.aws.glue.get_job_runs(JobName=scene.target.site.job, MaxResults=20)["JobRuns"]
    started = [one for one in runs if one["StartedOn"] >= arrived and "--run_id" in one.get("Arguments", {})]
    insist(bool(started), f"no run of `{scene.target.site.job}` was started by the pipeline since {arrived:%H:%M:%S}")
    for one in started:
        scene.traces.runs[one["Id"]] = one
    newest = max(started, key=lambda one: one["StartedOn"])
    must_have_succeeded(newest)
    return newest["Arguments"]["--run_id"]


def _modified(scene: Scene, bucket: str, key: str) -> datetime:
    return scene.aws.s3.head_object(Bucket=bucket, Key=key)["LastModified"]


PROBE = Probe(
    name="arrival",
    claim="a file that arrives is reported by itself",
    sent="a file of 2 rows into staging, and nothing else",
    look=_look,
)
