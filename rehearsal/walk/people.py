"""What the guide says that engineers and operators do, done in their names: each must be allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from headgate.errors import RunFailed
from headgate.lake import paths
from rehearsal.account import ACCOUNT, EmulatedAccount
from rehearsal.walk.executions import ended, machine_arn, must_succeed, start
from rehearsal.walk.queries import Clients, clients_of

_UPDATED = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target")


@dataclass(frozen=True)
class Task:
    """A task of somebody: who does it, in words, and the calls."""

    role: str
    what: str
    do: Callable[[], object]


def role_arn(lake: str, person: str) -> str:
    """The role of a person, by the name of the lake: known before Terraform's outputs are."""
    return f"arn:aws:iam::{ACCOUNT}:role/{lake}-{person}"


def tasks(account: EmulatedAccount, outputs: Mapping[str, Any], dataset: str) -> Iterator[Task]:
    """Every task; `dataset` is one that was published."""
    buckets, lake = outputs["buckets"], outputs["lake"]["name"]
    engineer, operator = (clients_of(account, outputs["roles"][role]) for role in ("engineer", "operator"))
    ledger = f"{paths.ledger_folder(dataset)}/"
    yield Task("engineer", f"read the ledger of {dataset}", lambda: _read_first(engineer, buckets["warehouse"], ledger))
    yield Task("engineer", "read a full report", lambda: _read_first(engineer, buckets["reports"], f"{paths.RUNS}/"))
    yield Task("engineer", "read a raw file", lambda: _read_first(engineer, buckets["staging"], f"staging/{dataset}/"))
    for role, clients in (("engineer", engineer), ("operator", operator)):
        yield Task(
            role, f"read the report of counts of {dataset}",
            lambda c=clients: _read(c, buckets["reports"], paths.latest_report(dataset)),
        )  # fmt: skip
        job = outputs["jobs"][dataset]
        yield Task(role, f"watch the job of {dataset}", lambda c=clients, j=job: _watch(c, lake, j))
    yield Task(
        "operator", f"run the job of {dataset} by `run-job`", lambda: _run(operator, lake, outputs["jobs"][dataset])
    )
    for queue in filter(None, [outputs["queues"].get(dataset)]):
        yield Task("operator", "look into a queue", lambda q=queue: _look(operator, q))
    yield Task("operator", "hold a schedule and resume it", lambda: _hold(operator, lake, dataset))


def must_be_allowed(task: Task) -> None:
    """Do it. Raises `RunFailed` when it is refused or fails."""
    try:
        task.do()
    except Exception as error:
        raise RunFailed(f"{task.role} could not {task.what}: {error}", where="policies") from error


def _read(clients: Clients, bucket: str, key: str) -> bytes:
    return clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def _read_first(clients: Clients, bucket: str, prefix: str) -> bytes:
    """Read the first object below a prefix that has bytes; a folder has none."""
    listed = clients("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    return _read(clients, bucket, next(entry["Key"] for entry in listed if entry["Size"]))


def _watch(clients: Clients, lake: str, job: str) -> None:
    """The runs of a job, and the streams of the jobs' log."""
    clients("glue").get_job_runs(JobName=job, MaxResults=1)
    clients("logs").describe_log_streams(logGroupName=f"/{lake}/glue/output", limit=1)


def _run(clients: Clients, lake: str, job: str) -> None:
    sfn = clients("stepfunctions")
    execution = start(sfn, machine_arn(f"{lake}-run-job"), {"job": job})
    ended(sfn, execution)
    must_succeed(sfn, execution, "run-job")


def _look(clients: Clients, queue: str) -> None:
    sqs = clients("sqs")
    url = sqs.get_queue_url(QueueName=queue.replace("/", ":").rpartition(":")[2])["QueueUrl"]
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def _hold(clients: Clients, lake: str, dataset: str) -> None:
    """As docs/RUNBOOK.md does it: the schedule as it is, with another state. It passes the schedule's role on."""
    scheduler = clients("scheduler")
    known = scheduler.get_schedule(Name=dataset, GroupName=lake)
    kept = {name: known[name] for name in _UPDATED if known.get(name) is not None}
    for state in ("DISABLED", "ENABLED"):
        scheduler.update_schedule(**kept, State=state)
