"""Remove what the probes have created, and list what could not be removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlparse

from botocore.exceptions import BotoCoreError, ClientError

from headgate.contract.incoming import INCOMING
from headgate.lake.paths import counts_folder, run_folder
from headgate.verify.athena import stop_query
from headgate.verify.crawls import stop_crawler
from headgate.verify.hints import take_hints
from headgate.verify.lake_names import LakeNames
from headgate.verify.leftovers import Step, leftovers, raw_leftovers, remove_below
from headgate.verify.preflight import active_runs
from headgate.verify.probe import ProbeFailed, refusal
from headgate.verify.probe_dataset import DOCUMENTS, MART
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes.alarm import restore
from headgate.verify.records import runs_since

_STOPPING = 5 * 60
_CLOCK_SKEW = timedelta(minutes=15)  # between this machine and Glue, at most


def clean_up(lake: ProbedLake) -> list[str]:
    """Stop what is running and remove what was created; return what could not be removed, and why."""
    return _run_all(
        [
            ("documents", lambda: _withdraw_documents(lake)),
            *_running(lake),
            *_set_back(lake),
            ("files that were put", lambda: _remove_put(lake)),
            *raw_leftovers(lake),
            *leftovers(lake),
            ("reports of the runs", lambda: _remove_reports(lake)),
            ("results of the queries", lambda: _remove_results(lake)),
        ]
    )


def clear_leftovers(lake: ProbedLake) -> list[str]:
    """Remove what an earlier, killed `make verify` has left; return what could not be removed, and why."""
    return _run_all([*raw_leftovers(lake), *leftovers(lake)])


def _running(lake: ProbedLake) -> Iterator[Step]:
    """Pipelines and runs of each dataset, and the hints that would start a pipeline again."""
    machines = [job.names for job in lake.jobs.values() if job.dataset != MART]
    for names in machines:
        yield f"the pipeline of `{names.dataset}`", lambda names=names: _stop_pipeline(lake, names)
    for job in lake.jobs.values():
        yield f"runs of `{job.names.job}`", lambda names=job.names: _stop_runs(lake, names)
    for names in machines:
        yield f"hints in `{names.queue}`", lambda names=names: _take_hints(lake, names)


def _set_back(lake: ProbedLake) -> Iterator[Step]:
    """The crawler that was started, hints of landed documents, and alarms that were set off."""
    names = lake.job.names
    if lake.created.crawler:
        yield f"the crawl of `{lake.created.crawler}`", lambda: _stop_crawl(lake)
    if lake.created.landed_keys:
        yield f"hints in `{names.landed}`", lambda: _take_landed(lake)
    for alarm, state in list(lake.created.alarms.items()):
        yield f"the state of `{alarm}`", lambda alarm=alarm, state=state: _restore(lake, alarm, state)


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


def _stop_pipeline(lake: ProbedLake, names: LakeNames) -> list[str]:
    machine, states = names.state_machine, lake.aws.states
    running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=10)["executions"]
    for execution in running:
        states.stop_execution(executionArn=execution["executionArn"], error="Verify", cause="make verify has ended")
    return []


def _stop_runs(lake: ProbedLake, names: LakeNames) -> list[str]:
    aws = lake.aws
    active = active_runs(aws, names)
    if not active:
        return []
    aws.glue.batch_stop_job_run(JobName=names.job, JobRunIds=list(active))
    with suppress(ProbeFailed):
        lake.clock.wait_for("their end", lambda: None if active_runs(aws, names) else True, every=5, timeout=_STOPPING)
    return [f"run {run} of `{names.job}` is still running" for run in active_runs(aws, names)]


def _withdraw_documents(lake: ProbedLake) -> list[str]:
    """Remove documents before they are flattened, and note the files of those that were: their hints wait in queues."""
    documents = [place for place in lake.created.objects if place[1].startswith(f"{INCOMING}/")]
    for bucket, key in documents:
        lake.remove(bucket, key)
        prefix = lake.job.staging.key(f"{DOCUMENTS}/{key.rpartition('/')[2].removesuffix('.json')}-")
        for item in lake.aws.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
            lake.created.objects.add((bucket, item["Key"]))
            lake.created.staged_keys[item["Key"]] = DOCUMENTS
            lake.created.landed_keys.add(item["Key"])
    return []


def _stop_crawl(lake: ProbedLake) -> list[str]:
    stop_crawler(lake, lake.created.crawler)
    return []


def _take_landed(lake: ProbedLake) -> list[str]:
    names = lake.job.names
    take_hints(lake.aws, names, lake.clock, lake.created.landed_keys, timeout=5, queue=names.landed)
    return []


def _restore(lake: ProbedLake, alarm: str, state: str) -> list[str]:
    restore(lake, alarm, state)
    return []


def _take_hints(lake: ProbedLake, names: LakeNames) -> list[str]:
    """Take the remaining hints, with a short timeout: most of them are taken already, and those never come."""
    keys = [key for key, dataset in lake.created.staged_keys.items() if dataset == names.dataset]
    take_hints(lake.aws, names, lake.clock, keys, timeout=5)
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
