"""Taking away what the probes have put, made or started. What cannot be taken away is listed, never passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlparse

from botocore.exceptions import BotoCoreError, ClientError

from headgate.lake.paths import LATEST, LEDGER, QUARANTINE, SPARK_UI, TEMPORARY, WAREHOUSE, run_folder
from headgate.verify.athena import stop
from headgate.verify.hints import take_hints
from headgate.verify.preflight import running
from headgate.verify.probe import NotShown, code_of, refusal
from headgate.verify.probe_dataset import DATASET
from headgate.verify.probed_lake import Scene
from headgate.verify.records import runs_since

_STOPPING = 5 * 60
_CLOCKS_DIFFER = timedelta(minutes=15)  # this machine's and Glue's, at most
OF_THE_TABLE = (WAREHOUSE, LEDGER, QUARANTINE, TEMPORARY)


def clean_up(scene: Scene) -> list[str]:
    """Stop what runs and remove what is there; what could not be removed, and why."""
    steps: list[tuple[str, Callable[[], list[str]]]] = [
        ("the pipeline", lambda: _stop_pipeline(scene)),
        (f"runs of `{scene.target.site.job}`", lambda: _stop_runs(scene)),
        (f"hints in `{scene.target.site.queue}`", lambda: _take_hints(scene)),
        ("files that were put", lambda: _remove_put(scene)),
        *_leftovers(scene),
        ("reports of the runs", lambda: _remove_reports(scene)),
        ("results of the queries", lambda: _remove_results(scene)),
    ]
    return _each(steps)


def clear_before(scene: Scene) -> list[str]:
    """Remove what an earlier `make verify` that was killed has left of the probes' dataset."""
    staging = scene.target.staging
    raw = f"raw files `{staging.uri(f'{DATASET}/verify-')}*`"
    return _each([(raw, lambda: remove_below(scene, staging.bucket, staging.key(f"{DATASET}/verify-")))]) + _each(
        list(_leftovers(scene))
    )


def remove_below(scene: Scene, bucket: str, prefix: str) -> list[str]:
    """Remove every object whose key begins so; the addresses of those that are still there, with S3's reason."""
    pages = scene.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    left: list[str] = []
    for page in pages:
        keys = [{"Key": one["Key"]} for one in page.get("Contents", [])]
        if keys:
            said = scene.aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            left += [f"s3://{bucket}/{one['Key']}: {one.get('Code', '')}" for one in said.get("Errors", [])]
    return left


def _each(steps: list[tuple[str, Callable[[], list[str]]]]) -> list[str]:
    left: list[str] = []
    for at, (what, step) in enumerate(steps):
        try:
            left += step()
        except ClientError as error:
            left.append(f"{what}: {refusal(error)}")
        except (BotoCoreError, NotShown) as error:
            left.append(f"{what}: {error}")
        except KeyboardInterrupt:
            left += [f"{name}: interrupted" for name, _ in steps[at:]]
            break
    return left


def _leftovers(scene: Scene) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """The probes' table, everything that belongs to it, and what names its dataset among the reports."""
    yield f"table `{scene.target.table}`", lambda: _drop_table(scene)
    lake, reports = scene.target.lake, scene.target.reports
    for at, path in [*((lake, part) for part in OF_THE_TABLE), (reports, LATEST), (reports, SPARK_UI)]:
        prefix = at.key(f"{path}/{DATASET}/")
        yield f"s3://{at.bucket}/{prefix}", lambda b=at.bucket, p=prefix: remove_below(scene, b, p)


def _drop_table(scene: Scene) -> list[str]:
    try:
        scene.aws.glue.delete_table(DatabaseName=scene.target.database, Name=scene.target.table)
    except ClientError as error:
        if code_of(error) != "EntityNotFoundException":
            raise
    return []


def _stop_pipeline(scene: Scene) -> list[str]:
    states = scene.aws.states
    found = states.list_executions(stateMachineArn=scene.target.site.machine, statusFilter="RUNNING", maxResults=10)
    for one in found["executions"]:
        states.stop_execution(executionArn=one["executionArn"], error="Verify", cause="make verify has ended")
    return []


def _stop_runs(scene: Scene) -> list[str]:
    aws, site = scene.aws, scene.target.site
    at_work = running(aws, site)
    if not at_work:
        return []
    aws.glue.batch_stop_job_run(JobName=site.job, JobRunIds=list(at_work))
    with suppress(NotShown):
        scene.clock.until("their end", lambda: None if running(aws, site) else True, every=5, at_most=_STOPPING)
    return [f"run {run} of `{site.job}` is still at work" for run in running(aws, site)]


def _take_hints(scene: Scene) -> list[str]:
    """Hints that nobody has taken. One that is gone does not come, so this waits for a moment only."""
    take_hints(scene.aws, scene.target.site, scene.clock, scene.traces.put, at_most=5)
    return []


def _remove_put(scene: Scene) -> list[str]:
    left = []
    for bucket, key in sorted(scene.traces.objects):
        try:
            scene.take_away(bucket, key)
        except ClientError as error:
            left.append(f"s3://{bucket}/{key}: {refusal(error)}")
    return left


def _remove_reports(scene: Scene) -> list[str]:
    reports = scene.target.reports
    runs = list(runs_since(scene.aws, scene.target, scene.traces.begun - _CLOCKS_DIFFER))
    return [one for run in runs for one in remove_below(scene, reports.bucket, reports.key(f"{run_folder(run)}/"))]


def _remove_results(scene: Scene) -> list[str]:
    """A query's result, and the `.metadata` beside it; a query that was interrupted is stopped."""
    results = [urlparse(stop(scene.aws, query)) for query in scene.traces.queries]
    return [one for at in results for one in remove_below(scene, at.netloc, at.path.lstrip("/"))]
