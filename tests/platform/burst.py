"""A dataset's path from staging to its executions, created on the emulator from a plan and driven by the test's clock.

The emulator itself runs S3 → EventBridge → `route-arrivals` → SQS, and all three state machines with every state,
expression and call. The test plays three things that the emulator does not support, or for which it would use the real
time:

- EventBridge Scheduler: `tick` starts `admit` with the schedule's own input, and returns when `admit` has ended.
- `glue:startJobRun.sync`: the definitions call an activity instead, and its worker is here. A refine lists staging when
  it begins and then lasts as long as the test sets; a mart takes no time. Neither publishes (a test puts tables into
  the catalog) nor writes a report, so copying the report fails and is caught, as after a run that failed early.
- Waits (for SQS to purge, before a retry) end at once.
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

from emulator import ACCOUNT, REGION, EmulatedAccount
from mocked_plan import Plan

JOB_RUN = "arn:aws:states:::glue:startJobRun.sync"
# The emulator's spelling of Sfn.ExecutionAlreadyExistsException, as AWS's SDK and the Catch of `Start` call it.
REFUSED = "Sfn.ExecutionAlreadyExists"

DATABASE = "data_warehouse_db"
PLAYED = f"arn:aws:iam::{ACCOUNT}:role/played"  # this emulator asks for no rights

Machine = dict[str, Any]
# Changes the definitions of admit and of the pipeline before they are created.
Change = Callable[[Machine, Machine], None]


@dataclass(frozen=True)
class Planned:
    """The planned resources of one dataset."""

    plan: Plan
    dataset: str

    def __call__(self, resource: str) -> Mapping[str, Any]:
        """The dataset's own resource of the pipeline module, or the lake's."""
        own = f'module.pipeline.{resource}["{self.dataset}"]'
        return self.plan.values.get(own) or self.plan.values[f"module.pipeline.{resource}"]

    def bucket(self, resource: str) -> Mapping[str, Any]:
        """A resource of the staging bucket."""
        return self.plan.values[f'module.storage.module.bucket["staging"].{resource}']


class Arrivals:
    """The bucket, the rule, the machine that routes, and the dataset's queue."""

    def __init__(self, aws: EmulatedAccount, planned: Planned, *, routed: bool = True) -> None:
        self._aws, self._planned = aws, planned
        self._at, self._dataset = aws.endpoint.removeprefix("http://"), planned.dataset
        self._s3, self._sqs = aws.client("s3"), aws.client("sqs")
        self.keys: set[str] = set()
        self._bucket = planned.bucket("aws_s3_bucket.this")["bucket"]
        self._s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        if planned.bucket("aws_s3_bucket_notification.this[0]")["eventbridge"]:
            events = {"EventBridgeConfiguration": {}}
            self._s3.put_bucket_notification_configuration(Bucket=self._bucket, NotificationConfiguration=events)
        self._queue = self._make_queue(planned("aws_sqs_queue.arrivals"))
        self._undelivered = self._make_queue(planned("aws_sqs_queue.undelivered"))
        if routed:
            self.make_route()

    def _make_queue(self, queue: Mapping[str, Any]) -> str:
        attributes = {"MessageRetentionPeriod": str(queue["message_retention_seconds"]), "Policy": queue["policy"]}
        return self._sqs.create_queue(QueueName=queue["name"], Attributes=attributes)["QueueUrl"]

    def make_route(self) -> None:
        """Make the machine that routes and the rule that starts it."""
        events, planned = self._aws.client("events"), self._planned
        machine = make_machine(self._aws.client("stepfunctions"), planned("aws_sfn_state_machine.route"))
        rule, target = (planned(f"aws_cloudwatch_event_{kind}.arrivals") for kind in ("rule", "target"))
        events.put_rule(Name=rule["name"], EventPattern=rule["event_pattern"], State=rule["state"])
        put = {"Id": target["target_id"], "Arn": machine, "RoleArn": PLAYED, "InputPath": target["input_path"]}
        assert not events.put_targets(Rule=target["rule"], Targets=[put])["FailedEntryCount"]

    def arrive(self, objects: int) -> None:
        """Put this many new objects, and wait until there is a hint for each."""
        first, before = len(self.keys), self.hints()
        keys = [f"staging/{self._dataset}/{number:05}.csv" for number in range(first, first + objects)]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.put, (keys[::2], keys[1::2])))
        self.keys |= set(keys)
        patiently(
            lambda: self.hints() == before + objects,
            lambda: f"{self.hints() - before} hints of {objects} objects",
            seconds=90,
        )

    def put(self, keys: Sequence[str], body: bytes = b"id\n1\n") -> None:
        """Put objects through one connection and unsigned, twice as fast; the emulator does not check signatures."""
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261121/{REGION}/s3/aws4_request"}
        connection = http.client.HTTPConnection(self._at)
        for key in keys:
            connection.request("PUT", f"/{self._bucket}/{key}", body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status == 200, f"{key}: {answer.status} {content!r}"
        connection.close()

    def hints(self) -> int:
        """The number of messages in the queue, including hidden ones."""
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in attributes.items() if name.startswith("ApproximateNumberOf"))

    def one_hint(self) -> dict[str, Any]:
        """The content of some message."""
        return self._one_of(self._queue)

    def lose_queue(self) -> None:
        """Delete the dataset's queue, as somebody might by hand."""
        self._sqs.delete_queue(QueueUrl=self._queue)

    def one_dead_letter(self) -> dict[str, Any]:
        """The content of some message of what could not be delivered, once there is one."""
        found = list[dict[str, Any]]()
        patiently(lambda: found.extend(self._all_of(self._undelivered)) or bool(found), lambda: "no dead letter")
        return found[0]

    def _one_of(self, queue: str) -> dict[str, Any]:
        return self._all_of(queue)[0]

    def _all_of(self, queue: str) -> list[dict[str, Any]]:
        received = self._sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]

    def staging(self) -> set[str]:
        """Every key that S3 lists."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}


@dataclass(frozen=True)
class Job:
    """A running refine or mart, and the minute at which it ends."""

    token: str
    ends: int


class Executions:
    """The schedule, `admit`, the pipeline and its jobs. Times are minutes of a day."""

    def __init__(
        self, aws: EmulatedAccount, planned: Planned, lists: Callable[[], set[str]], lasts: int, change: Change
    ) -> None:
        self._sfn, self._lists, self._lasts = aws.client("stepfunctions"), lists, lasts
        self.listed, self.most_at_once, self.begun = set[str](), 0, list[str]()
        self._running: list[Job] = []
        self._ended, self._over = 0, set[str]()
        self._events: dict[str, Counter[str]] = {}
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
        return make_machine(self._sfn, planned, json.dumps(definition).replace(JOB_RUN, self._jobs))

    def tick(self, minute: int) -> None:
        """Fire the schedule of that minute."""
        when = f"2026-11-21T{minute // 60:02}:{minute % 60:02}:00Z"
        given = self._input.replace("<aws.scheduler.scheduled-time>", when)
        ended = self._sfn.start_sync_execution(stateMachineArn=self._admit, input=given)
        expected = ended["status"] == "SUCCEEDED" or ended.get("error") == REFUSED
        assert expected, f"admit at {when}: {ended['status']} {ended.get('error')} {ended.get('cause')}"

    def started(self) -> dict[str, str]:
        """Every execution of the pipeline with its status, the oldest first."""
        executions = self._sfn.list_executions(stateMachineArn=self._pipeline)["executions"]
        by_start = sorted(executions, key=lambda execution: execution["startDate"])
        return {execution["name"]: execution["status"] for execution in by_start}

    def work(self, minute: int) -> None:
        """End the jobs that are due, and begin those that executions have scheduled, until neither is left."""
        while self._end_due(minute) or self._begin_scheduled(minute):
            pass

    def _end_due(self, minute: int) -> int:
        due = [job for job in self._running if job.ends <= minute]
        for job in due:
            self._sfn.send_task_success(taskToken=job.token, output="{}")
            self._running.remove(job)
        self._ended += len(due)
        return len(due)

    def _begin_scheduled(self, minute: int) -> int:
        patiently(self._at_rest, lambda: f"executions that do not come to rest: {self.started()}")
        scheduled = self._job_events()["TaskScheduled"] - self._ended - len(self._running)
        for _ in range(scheduled):
            self._begin(minute)
        return scheduled

    def _begin(self, minute: int) -> None:
        task = self._sfn.get_activity_task(activityArn=self._jobs)
        self.begun.append(json.loads(task["input"])["JobName"])
        refines = "-refine-" in self.begun[-1]
        self._running.append(Job(task["taskToken"], minute + self._lasts if refines else minute))
        self.most_at_once = max(self.most_at_once, len(self._running))
        if refines:
            self.listed |= self._lists()

    def _at_rest(self) -> bool:
        """True when every running execution waits for a job, and the histories have the end of each ended job."""
        running, events = list(self.started().values()).count("RUNNING"), self._job_events()
        return events["TaskSucceeded"] == self._ended and events["TaskScheduled"] - self._ended == running

    def _job_events(self) -> Counter[str]:
        """The number of events of jobs in the histories of all executions, by type."""
        for name, status in self.started().items():
            if name not in self._over:
                self._events[name] = self._history(name)
            if status != "RUNNING":
                self._over.add(name)
        return sum(self._events.values(), Counter[str]())

    def _history(self, name: str) -> Counter[str]:
        arn = f"{self._pipeline.replace(':stateMachine:', ':execution:')}:{name}"
        events = Counter[str]()
        for event in self._sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]:
            details = event.get("taskScheduledEventDetails") or event.get("taskSucceededEventDetails") or {}
            events[event["type"]] += details.get("resource") == self._jobs
        return events


def make_machine(sfn: Any, planned: Mapping[str, Any], definition: str = "") -> str:
    """Create a planned state machine, perhaps with another definition. Its ARN."""
    named = {"name": planned["name"], "type": planned["type"], "roleArn": PLAYED}
    return sfn.create_state_machine(**named, definition=definition or planned["definition"])["stateMachineArn"]


def publish(aws: EmulatedAccount, *tables: str, **parameters: str) -> None:
    """Put tables into the catalog as a publishing job does: with Iceberg's pointer, or with `parameters`."""
    glue = aws.client("glue")
    if DATABASE not in {database["Name"] for database in glue.get_databases()["DatabaseList"]}:
        glue.create_database(DatabaseInput={"Name": DATABASE})
    for name in tables:
        table = {"Name": f"tbl_{name}", "Parameters": parameters or {"metadata_location": f"s3://{name}"}}
        glue.create_table(DatabaseName=DATABASE, TableInput=table)


def _minutes(expression: str) -> int:
    period = re.fullmatch(r"cron\(0/(\d+) \* \* \* \? \*\)", expression)
    assert period, f"not a schedule by minutes: {expression}"
    return int(period[1])


def start_afresh(aws: EmulatedAccount) -> None:
    """Empty the emulator, and end all waits of state machines at once: Wait states and waits before a retry."""
    _post(aws, "reset", {})
    assert _post(aws, "config", {"stepfunctions._SFN_WAIT_SCALE": 0})["applied"], "waits can no longer be shortened"


def _post(aws: EmulatedAccount, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    with urlopen(Request(f"{aws.endpoint}/_ministack/{path}", data=json.dumps(body).encode(), method="POST")) as answer:
        return json.load(answer)


def patiently(look: Callable[[], bool], wrong: Callable[[], str], seconds: float = 30) -> None:
    """Call `look` until it returns true; after that time fail with the message of `wrong`."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, wrong()
        time.sleep(0.02)
