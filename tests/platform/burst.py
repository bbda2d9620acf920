"""A dataset's way from staging to its executions, put on the emulator from a plan and driven by a clock of the test's.

The emulator does the way itself: S3 → EventBridge → SQS, and both state machines with every state, expression and call.
Three things are played, since the emulator does not serve them or would take the time of day for them:

- EventBridge Scheduler: `tick` starts `admit` with the schedule's own input, and returns when `admit` has ended.
- `glue:startJobRun.sync`, in the definitions an activity instead. Its worker is here: a refine lists staging when it
  begins and then lasts as long as the test says; a mart takes no time. Neither publishes (tables are in the catalog
  where a test puts them) nor writes a report, so keeping it is refused and caught, as after a run that broke early.
- Waits (for SQS to purge, before a retry) pass at once.
"""

from __future__ import annotations

import http.client
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from emulator import ACCOUNT, REGION, Emulator
from mocked_plan import Plan

JOB_RUN = "arn:aws:states:::glue:startJobRun.sync"
# How the emulator spells what AWS's SDK, and so the Catch of `Start`, call Sfn.ExecutionAlreadyExistsException.
REFUSED = "Sfn.ExecutionAlreadyExists"

DATABASE = "data_warehouse_db"

Machine = dict[str, Any]
Change = Callable[[Machine, Machine], None]  # of the definitions of admit and of the pipeline, before they are created


@dataclass(frozen=True)
class Planned:
    """What a plan holds for one dataset."""

    plan: Plan
    dataset: str

    def __call__(self, resource: str) -> Mapping[str, Any]:
        """The dataset's own resource of the pipeline module, or the lake's."""
        own = f'module.pipeline.{resource}["{self.dataset}"]'
        return self.plan.values.get(own) or self.plan.values[f"module.pipeline.{resource}"]

    def bucket(self, resource: str) -> Mapping[str, Any]:
        """A resource of the bucket of staging."""
        return self.plan.values[f'module.storage.module.bucket["staging"].{resource}']


class Arrivals:
    """The bucket, the rule and the queue."""

    def __init__(self, aws: Emulator, planned: Planned) -> None:
        self._at, self._dataset = aws.endpoint.removeprefix("http://"), planned.dataset
        self._s3, self._sqs = aws.client("s3"), aws.client("sqs")
        self.keys: set[str] = set()
        self._bucket = planned.bucket("aws_s3_bucket.this")["bucket"]
        self._s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        if planned.bucket("aws_s3_bucket_notification.this[0]")["eventbridge"]:
            told = {"EventBridgeConfiguration": {}}
            self._s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration=told)
        self._make_queue(planned("aws_sqs_queue.arrivals"))
        self._make_rule(
            aws.client("events"),
            planned("aws_cloudwatch_event_rule.arrival"),
            planned("aws_cloudwatch_event_target.arrival"),
        )

    def _make_queue(self, queue: Mapping[str, Any]) -> None:
        attributes = {"MessageRetentionPeriod": str(queue["message_retention_seconds"]), "Policy": queue["policy"]}
        self._queue = self._sqs.create_queue(QueueName=queue["name"], Attributes=attributes)["QueueUrl"]

    def _make_rule(self, events: Any, rule: Mapping[str, Any], target: Mapping[str, Any]) -> None:
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self._queue.rpartition('/')[2]}"
        events.put_rule(Name=rule["name"], EventPattern=rule["event_pattern"])
        put = {"Id": target["target_id"], "Arn": arn, "InputPath": target["input_path"]}
        assert not events.put_targets(Rule=target["rule"], Targets=[put])["FailedEntryCount"]

    def arrive(self, objects: int) -> None:
        """Put so many new objects, and wait until there is a hint for each."""
        first, before = len(self.keys), self.hints()
        keys = [f"staging/{self._dataset}/{number:05}.csv" for number in range(first, first + objects)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.put, (keys[::2], keys[1::2])))
        self.keys |= set(keys)
        patiently(
            lambda: self.hints() == before + objects, lambda: f"{self.hints() - before} hints of {objects} objects"
        )

    def put(self, keys: Sequence[str], body: bytes = b"id\n1\n") -> None:
        """Through one connection and without a signature, which the emulator does not look at: twice as fast."""
        said = {"Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261121/{REGION}/s3/aws4_request"}
        connection = http.client.HTTPConnection(self._at)
        for key in keys:
            connection.request("PUT", f"/{self._bucket}/{key}", body=body, headers=said)
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status == 200, f"{key}: {answer.status} {told!r}"
        connection.close()

    def hints(self) -> int:
        """How many messages are in the queue, those that are hidden counted too."""
        said = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in said.items() if name.startswith("ApproximateNumberOf"))

    def one_hint(self) -> dict[str, Any]:
        """What some message says."""
        return json.loads(self._sqs.receive_message(QueueUrl=self._queue, VisibilityTimeout=0)["Messages"][0]["Body"])

    def staging(self) -> set[str]:
        """Every key, as S3 lists them."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return {one["Key"] for page in pages for one in page.get("Contents", [])}


@dataclass(frozen=True)
class Job:
    """A refine or a mart that runs, and the minute at which it ends."""

    token: str
    ends: int


class Executions:
    """The schedule, `admit`, the pipeline and its jobs. Times are minutes of a day."""

    def __init__(
        self, aws: Emulator, planned: Planned, lists: Callable[[], set[str]], lasts: int, change: Change
    ) -> None:
        self._sfn, self._lists, self._lasts = aws.client("stepfunctions"), lists, lasts
        self.listed, self.most_at_once, self.begun = set[str](), 0, list[str]()
        self._running: list[Job] = []
        self._ended, self._over = 0, set[str]()
        self._told: dict[str, Counter[str]] = {}
        admit, pipeline = planned("aws_sfn_state_machine.admit"), planned("aws_sfn_state_machine.pipeline")
        definitions = json.loads(admit["definition"]), json.loads(pipeline["definition"])
        change(*definitions)
        aws.client("sns").create_topic(Name=planned("aws_sns_topic.notices")["name"])
        self._jobs = self._sfn.create_activity(name="jobs")["activityArn"]
        self._admit, self._pipeline = map(self._make, (admit, pipeline), definitions)
        schedule = planned("aws_scheduler_schedule.tick")
        self._input = schedule["target"][0]["input"]
        self.window = _minutes(schedule["schedule_expression"])

    def _make(self, planned: Mapping[str, Any], definition: Machine) -> str:
        text, role = json.dumps(definition).replace(JOB_RUN, self._jobs), f"arn:aws:iam::{ACCOUNT}:role/played"
        made = self._sfn.create_state_machine(name=planned["name"], type=planned["type"], definition=text, roleArn=role)
        return made["stateMachineArn"]

    def tick(self, minute: int) -> None:
        """Let the schedule of that minute fire."""
        when = f"2026-11-21T{minute // 60:02}:{minute % 60:02}:00Z"
        said = self._input.replace("<aws.scheduler.scheduled-time>", when)
        ended = self._sfn.start_sync_execution(stateMachineArn=self._admit, input=said)
        fine = ended["status"] == "SUCCEEDED" or ended.get("error") == REFUSED
        assert fine, f"admit at {when}: {ended['status']} {ended.get('error')} {ended.get('cause')}"

    def started(self) -> dict[str, str]:
        """Every execution of the pipeline with its status, the oldest first."""
        found = self._sfn.list_executions(stateMachineArn=self._pipeline)["executions"]
        return {one["name"]: one["status"] for one in sorted(found, key=lambda one: one["startDate"])}

    def work(self, minute: int) -> None:
        """End the jobs that are due, and begin those that executions ask for, until there is neither."""
        while self._end_due(minute) or self._begin_asked(minute):
            pass

    def _end_due(self, minute: int) -> int:
        due = [job for job in self._running if job.ends <= minute]
        for job in due:
            self._sfn.send_task_success(taskToken=job.token, output="{}")
            self._running.remove(job)
        self._ended += len(due)
        return len(due)

    def _begin_asked(self, minute: int) -> int:
        patiently(self._at_rest, lambda: f"executions that do not come to rest: {self.started()}")
        asked = self._told_of_jobs()["TaskScheduled"] - self._ended - len(self._running)
        for _ in range(asked):
            self._begin(minute)
        return asked

    def _begin(self, minute: int) -> None:
        task = self._sfn.get_activity_task(activityArn=self._jobs)
        self.begun.append(json.loads(task["input"])["JobName"])
        refines = "-refine-" in self.begun[-1]
        self._running.append(Job(task["taskToken"], minute + self._lasts if refines else minute))
        self.most_at_once = max(self.most_at_once, len(self._running))
        if refines:
            self.listed |= self._lists()

    def _at_rest(self) -> bool:
        """True when every execution that runs waits for a job, and knows of each that has ended."""
        running, told = list(self.started().values()).count("RUNNING"), self._told_of_jobs()
        return told["TaskSucceeded"] == self._ended and told["TaskScheduled"] - self._ended == running

    def _told_of_jobs(self) -> Counter[str]:
        """How often the histories of all executions tell of jobs, by type of event."""
        for name, status in self.started().items():
            if name not in self._over:
                self._told[name] = self._history(name)
            if status != "RUNNING":
                self._over.add(name)
        return sum(self._told.values(), Counter[str]())

    def _history(self, name: str) -> Counter[str]:
        arn = f"{self._pipeline.replace(':stateMachine:', ':execution:')}:{name}"
        told = Counter[str]()
        for event in self._sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]:
            details = event.get("taskScheduledEventDetails") or event.get("taskSucceededEventDetails") or {}
            told[event["type"]] += details.get("resource") == self._jobs
        return told


def publish(aws: Emulator, *tables: str, **parameters: str) -> None:
    """Put tables into the catalog, as jobs do that publish: with Iceberg's pointer, or as `parameters` say."""
    glue = aws.client("glue")
    if DATABASE not in {one["Name"] for one in glue.get_databases()["DatabaseList"]}:
        glue.create_database(DatabaseInput={"Name": DATABASE})
    for name in tables:
        table = {"Name": f"tbl_{name}", "Parameters": parameters or {"metadata_location": f"s3://{name}"}}
        glue.create_table(DatabaseName=DATABASE, TableInput=table)


def _minutes(expression: str) -> int:
    every = re.fullmatch(r"cron\(0/(\d+) \* \* \* \? \*\)", expression)
    assert every, f"not every so many minutes: {expression}"
    return int(every[1])


def start_afresh(aws: Emulator) -> None:
    """Empty the emulator, and let no state machine wait: neither in a Wait nor before a retry."""
    _tell(aws, "reset", {})
    assert _tell(aws, "config", {"stepfunctions._SFN_WAIT_SCALE": 0})["applied"], "waits can no longer be shortened"


def _tell(aws: Emulator, what: str, body: Mapping[str, object]) -> dict[str, Any]:
    with urlopen(Request(f"{aws.endpoint}/_ministack/{what}", data=json.dumps(body).encode(), method="POST")) as answer:
        return json.load(answer)


def patiently(look: Callable[[], bool], wrong: Callable[[], str], seconds: float = 30) -> None:
    """Look until it is so; after that time fail with what is wrong."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, wrong()
        time.sleep(0.02)
