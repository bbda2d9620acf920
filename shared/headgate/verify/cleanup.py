"""Remove what the probes have created, and list what could not be removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlparse

from botocore.exceptions import BotoCoreError, ClientError

from headgate.deploy.account import error_code
from headgate.lake.paths import LATEST, LEDGER, QUARANTINE, SPARK_UI, TEMPORARY, WAREHOUSE, counts_folder, run_folder
from headgate.verify.athena import stop_query
from headgate.verify.hints import take_hints
from headgate.verify.preflight import active_runs
from headgate.verify.probe import ProbeFailed, refusal
from headgate.verify.probe_dataset import DATASET
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.records import runs_since

Step = tuple[str, Callable[[], list[str]]]  # what is removed; the function returns what could not be
_STOPPING = 5 * 60
_CLOCK_SKEW = timedelta(minutes=15)  # between this machine and Glue, at most
TABLE_FOLDERS = (WAREHOUSE, LEDGER, QUARANTINE, TEMPORARY)


def clean_up(lake: ProbedLake) -> list[str]:
    """Stop what is running and remove what was created; return what could not be removed, and why."""
    names = lake.job.names
    return _run_all(
        [
            ("the pipeline", lambda: _stop_pipeline(lake)),
            (f"runs of `{names.job}`", lambda: _stop_runs(lake)),
            (f"hints in `{names.queue}`", lambda: _take_hints(lake)),
            ("files that were put", lambda: _remove_put(lake)),
            *_leftovers(lake),
            ("reports of the runs", lambda: _remove_reports(lake)),
            ("results of the queries", lambda: _remove_results(lake)),
        ]
    )


def clear_leftovers(lake: ProbedLake) -> list[str]:
    """Remove what an earlier, killed `make verify` has left; return what could not be removed, and why."""
    staging = lake.job.staging
    prefix = staging.key(f"{DATASET}/verify-")
    raw_files = f"raw files `s3://{staging.bucket}/{prefix}*`"
    return _run_all([(raw_files, lambda: remove_below(lake, staging.bucket, prefix)), *_leftovers(lake)])


def remove_below(lake: ProbedLake, bucket: str, prefix: str) -> list[str]:
    """Remove every object with this key prefix; return the addresses that S3 kept, with its reason."""
    pages = lake.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    kept: list[str] = []
    for page in pages:
        keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
        if keys:
            answer = lake.aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
            kept += [f"s3://{bucket}/{error['Key']}: {error.get('Code', '')}" for error in answer.get("Errors", [])]
    return kept


def _run_all(steps: list[Step]) -> list[str]:
    """Run every step, also after one has failed; after Ctrl-C list the remaining ones as interrupted."""
    not_removed: list[str] = []
    for position, (what, remove) in enumerate(steps):
        try:
            not_removed += remove()
        except ClientError as error:
            not_removed.append(f"{what}: {refusal(error)}")
        except (BotoCoreError, ProbeFailed) as error:
            not_removed.append(f"{what}: {error}")
        except KeyboardInterrupt:
            not_removed += [f"{name}: interrupted" for name, _ in steps[position:]]
            break
    return not_removed


def _leftovers(lake: ProbedLake) -> Iterator[Step]:
    """The probes' table, the objects that belong to it, and the reports that are stored by dataset."""
    yield f"table `{lake.job.table}`", lambda: _drop_table(lake)
    root, reports = lake.job.lake_root, lake.job.reports
    for location, path in [*((root, folder) for folder in TABLE_FOLDERS), (reports, LATEST), (reports, SPARK_UI)]:
        prefix = location.key(f"{path}/{DATASET}/")
        yield (
            f"s3://{location.bucket}/{prefix}",
            lambda bucket=location.bucket, prefix=prefix: remove_below(lake, bucket, prefix),
        )


def _drop_table(lake: ProbedLake) -> list[str]:
    try:
        lake.aws.glue.delete_table(DatabaseName=lake.job.database, Name=lake.job.table)
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
    return []


def _stop_pipeline(lake: ProbedLake) -> list[str]:
    machine, states = lake.job.names.state_machine, lake.aws.states
    running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=10)["executions"]
    for execution in running:
        states.stop_execution(executionArn=execution["executionArn"], error="Verify", cause="make verify has ended")
    return []


def _stop_runs(lake: ProbedLake) -> list[str]:
    aws, names = lake.aws, lake.job.names
    active = active_runs(aws, names)
    if not active:
        return []
    aws.glue.batch_stop_job_run(JobName=names.job, JobRunIds=list(active))
    with suppress(ProbeFailed):
        lake.clock.wait_for("their end", lambda: None if active_runs(aws, names) else True, every=5, timeout=_STOPPING)
    return [f"run {run} of `{names.job}` is still running" for run in active_runs(aws, names)]


def _take_hints(lake: ProbedLake) -> list[str]:
    """Take the remaining hints, with a short timeout: most of them are taken already, and those never come."""
    take_hints(lake.aws, lake.job.names, lake.clock, lake.created.staged_keys, timeout=5)
    return []


def _remove_put(lake: ProbedLake) -> list[str]:
    not_removed = []
    for bucket, key in sorted(lake.created.objects):
        try:
            lake.remove(bucket, key)
        except ClientError as error:
            not_removed.append(f"s3://{bucket}/{key}: {refusal(error)}")
    return not_removed


def _remove_reports(lake: ProbedLake) -> list[str]:
    reports = lake.job.reports
    runs = list(runs_since(lake.aws, lake.job, lake.created.started - _CLOCK_SKEW))
    folders = [folder for run in runs for folder in (counts_folder(run), run_folder(run))]
    return [kept for folder in folders for kept in remove_below(lake, reports.bucket, reports.key(f"{folder}/"))]


def _remove_results(lake: ProbedLake) -> list[str]:
    """Stop unfinished queries, and remove each query's result with the `.metadata` beside it."""
    results = [urlparse(stop_query(lake.aws, query)) for query in lake.created.queries]
    return [kept for result in results for kept in remove_below(lake, result.netloc, result.path.lstrip("/"))]
