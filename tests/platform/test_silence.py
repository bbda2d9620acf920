"""No failure is silent: the planned look for late data and the planned rules of failures, on the emulator."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from burst import start_afresh
from emulator import ACCOUNT, EmulatedAccount, patiently
from mocked_plan import Plan

pytestmark = pytest.mark.needs("terraform", "ministack")

ROLE = f"arn:aws:iam::{ACCOUNT}:role/played"
HOURS = 24


class Topic:
    """A topic with a queue that receives what is sent to it."""

    def __init__(self, aws: EmulatedAccount, name: str) -> None:
        self._sqs = aws.client("sqs")
        self.arn = aws.client("sns").create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=f"seen-{name}")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        aws.client("sns").subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=attributes["QueueArn"])

    def received(self) -> list[Mapping[str, Any]]:
        """What has come since the last call."""
        messages = list[Mapping[str, Any]]()
        while more := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in more:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                messages.append(json.loads(message["Body"]))
        return messages


class Looks:
    """The planned machine that looks for late data, and the ledger that it looks at."""

    def __init__(self, aws: EmulatedAccount, lake: Plan) -> None:
        start_afresh(aws)
        self._aws = aws
        machine = lake.values["module.guard.aws_sfn_state_machine.late"]
        self.notices = Topic(aws, lake.values["module.pipeline.aws_sns_topic.notices"]["name"])
        self._bucket = json.loads(machine["definition"])["States"]["Look for a young publication"]["Arguments"][
            "Bucket"
        ]
        # The emulator's machines reach S3 in its first region only.
        self._s3 = boto3.client("s3", endpoint_url=aws.endpoint, region_name="us-east-1",
                                aws_access_key_id=ACCOUNT, aws_secret_access_key="none")  # fmt: skip
        self._s3.create_bucket(Bucket=self._bucket)
        self._machine = aws.client("stepfunctions").create_state_machine(
            name=machine["name"], type=machine["type"], definition=machine["definition"], roleArn=ROLE
        )["stateMachineArn"]

    def look(self, dataset: str) -> list[Mapping[str, Any]]:
        """One look at a dataset; the notices that it sent."""
        given = {"dataset": dataset, "hours": HOURS, "owner": f"{dataset}@example.org"}
        ended = self._aws.client("stepfunctions").start_sync_execution(
            stateMachineArn=self._machine, input=json.dumps(given)
        )
        assert ended["status"] == "SUCCEEDED", ended.get("cause")
        return self.notices.received()

    def publish(self, dataset: str, hours_ago: float) -> None:
        run = f"{datetime.now(UTC) - timedelta(hours=hours_ago):%Y%m%dT%H%M%SZ}-abc123"
        self._s3.put_object(Bucket=self._bucket, Key=f"ledger/{dataset}/{run}.json", Body=b"{}")


@pytest.fixture
def looks(emulator: EmulatedAccount, lake: Plan) -> Looks:
    return Looks(emulator, lake)


def test_each_dataset_that_becomes_late_is_reported_once_with_its_owner(looks: Looks) -> None:
    looks.publish("orders", hours_ago=HOURS + 1)
    [told] = looks.look("orders")
    assert told["Subject"] == "test: orders is late"
    assert "orders@example.org" in told["Message"] and "docs/RUNBOOK.md#late-data" in told["Message"]
    assert [notice["Subject"] for notice in looks.look("visits")] == ["test: visits is late"], "the second is not told"
    assert looks.look("orders") == looks.look("visits") == []


def test_people_and_owners_can_subscribe_to_late_data(lake: Plan) -> None:
    late = json.loads(lake.values["module.guard.aws_sfn_state_machine.late"]["definition"])
    sent = late["States"]["Tell"]["Arguments"]["MessageAttributes"]  # the emulator does not pass them on
    assert {name: value["StringValue"] for name, value in sent.items()} == {
        "outcome": "late", "dataset": "{% $states.input.dataset %}", "owner": "{% $states.input.owner %}",
    }  # fmt: skip
    people = lake.values['module.pipeline.aws_sns_topic_subscription.people["ops@example.org"]']
    assert "late" in json.loads(people["filter_policy"])["outcome"]


def test_a_young_publication_is_no_news(looks: Looks) -> None:
    looks.publish("orders", hours_ago=HOURS - 1)
    assert looks.look("orders") == []


FAILED = 'module.guard.aws_cloudwatch_event_rule.failed["{}"]'
TARGET = 'module.guard.aws_cloudwatch_event_target.failed["{}"]'


class Route:
    """The planned rules of failures, with the topic of alarms behind them."""

    def __init__(self, aws: EmulatedAccount, lake: Plan) -> None:
        start_afresh(aws)
        self._aws = aws
        self.alerts = Topic(aws, lake.values["module.guard.aws_sns_topic.alerts"]["name"])
        self.told = list[str]()
        for kind in ("executions", "crawlers"):
            rule, target = lake.values[FAILED.format(kind)], lake.values[TARGET.format(kind)]
            [given] = target["input_transformer"]
            transformer = {"InputPathsMap": given["input_paths"], "InputTemplate": given["input_template"]}
            aws.client("events").put_rule(Name=rule["name"], EventPattern=rule["event_pattern"])
            aws.client("events").put_targets(
                Rule=rule["name"],
                Targets=[{"Id": "alerts", "Arn": self.alerts.arn, "InputTransformer": transformer}],
            )

    def run(self, machine: str, error: str | None, status: str) -> str:
        """Run a standard machine that fails with the error, or waits until it is stopped. The execution's ARN."""
        sfn = self._aws.client("stepfunctions")
        waiting = sfn.create_activity(name=f"never-done-of-{machine}")["activityArn"]
        last = {
            "FAILED": {"Type": "Fail", "Error": error},
            "SUCCEEDED": {"Type": "Succeed"},
            "ABORTED": {"Type": "Task", "Resource": waiting, "End": True},
        }[status]
        definition = json.dumps({"StartAt": "Last", "States": {"Last": last}})
        arn = sfn.create_state_machine(name=machine, definition=definition, roleArn=ROLE)["stateMachineArn"]
        execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
        if status == "ABORTED":
            sfn.stop_execution(executionArn=execution)
        patiently(lambda: sfn.describe_execution(executionArn=execution)["status"] == status)
        return execution

    def told_of(self, execution: str) -> list[str]:
        """The messages about an execution, of all that have come. An execution of an earlier test may end only now."""

        def come() -> list[str]:
            self.told.extend(message["Message"] for message in self.alerts.received())
            return [message for message in self.told if execution in message]

        patiently(lambda: bool(come()))
        return come()


@pytest.fixture
def route(emulator: EmulatedAccount, lake: Plan) -> Route:
    return Route(emulator, lake)


@pytest.mark.parametrize(
    ("machine", "error", "status"),
    [
        ("test-orders", "States.Runtime", "FAILED"),
        ("test-etl-visits_by_month", "Sns.AuthorizationErrorException", "FAILED"),
        ("test-run-job", "ArgumentRefused", "FAILED"),
        ("test-orders", None, "ABORTED"),
    ],
)
def test_an_execution_that_sent_no_notice_is_reported(
    route: Route, machine: str, error: str | None, status: str
) -> None:
    execution = route.run(machine, error, status)
    [told] = route.told_of(execution)
    assert status in told and "docs/RUNBOOK.md#execution-failed" in told


@pytest.mark.parametrize(
    ("machine", "error", "status"),
    [
        ("test-orders", "NotAllWentWell", "FAILED"),
        ("test-maintain", "NotMaintained", "FAILED"),
        ("test-etl-visits_by_month", "NotSwitched", "FAILED"),
        ("test-orders", "fine", "SUCCEEDED"),
        ("other-orders", "States.Runtime", "FAILED"),
    ],
)
def test_what_was_reported_is_not_reported_twice(route: Route, machine: str, error: str, status: str) -> None:
    execution = route.run(machine, error, status)
    marker = route.run("test-marker", "States.Runtime", "FAILED")  # events come in order: this one comes last
    assert route.told_of(marker)
    assert not any(execution in message for message in route.told)


def watched_by_alarms(lake: Plan) -> set[str]:
    """The machines whose failures an alarm counts."""
    alarms = (alarm["dimensions"] or {} for alarm in lake.of_type("aws_cloudwatch_metric_alarm").values())
    return {of["StateMachineArn"].rpartition(":")[2] for of in alarms if "StateMachineArn" in of}


def test_the_errors_that_are_left_out_are_those_of_machines_that_sent_a_notice(lake: Plan) -> None:
    pattern = json.loads(lake.values[FAILED.format("executions")]["event_pattern"])
    [_, named] = pattern["detail"]["$or"]
    left_out = set(named["error"][1]["anything-but"])
    failing = {
        (state["Error"], name)
        for machine in lake.of_type("aws_sfn_state_machine").values()
        for states in [json.loads(machine["definition"])["States"]]
        for name, state in states.items()
        if state["Type"] == "Fail"
    }
    assert left_out == {error for error, _ in failing} - {"ArgumentRefused"}
    for machine in lake.of_type("aws_sfn_state_machine").values():
        states = json.loads(machine["definition"])["States"]
        if machine["type"] == "STANDARD" and not machine["name"].endswith("-run-job"):
            publishes = [name for name, state in states.items() if state.get("Resource", "").endswith("sns:publish")]
            told = publishes or machine["name"] in watched_by_alarms(lake)
            assert told, f"{machine['name']} fails with {left_out} and tells nobody"


def test_every_standard_machine_is_on_the_route_and_every_express_machine_has_an_alarm(lake: Plan) -> None:
    pattern = json.loads(lake.values[FAILED.format("executions")]["event_pattern"])
    prefix = pattern["detail"]["stateMachineArn"][0]["prefix"]
    machines = {m["name"]: m["type"] for m in lake.of_type("aws_sfn_state_machine").values()}
    assert {name for name, kind in machines.items() if kind == "EXPRESS"} <= watched_by_alarms(lake)
    assert {name for name in machines if not f"{prefix.rpartition(':')[0]}:{name}".startswith(prefix)} == set()


def test_every_crawler_is_on_the_route(lake: Plan) -> None:
    pattern = json.loads(lake.values[FAILED.format("crawlers")]["event_pattern"])
    prefix = pattern["detail"]["crawlerName"][0]["prefix"]
    names = [crawler["name"] for crawler in lake.of_type("aws_glue_crawler").values()]
    assert names and all(name.startswith(prefix) for name in names)


def test_every_schedule_has_dead_letters_that_its_role_may_write(lake: Plan) -> None:
    schedules = lake.of_type("aws_scheduler_schedule")
    assert {re.sub(r"\[[^]]*\]", "", address) for address in schedules} == {
        "module.events.aws_scheduler_schedule.crawl", "module.guard.aws_scheduler_schedule.late",
        "module.pipeline.aws_scheduler_schedule.maintain",
        "module.pipeline.aws_scheduler_schedule.tick", "module.query.aws_scheduler_schedule.etl",
    }  # fmt: skip
    for address, schedule in schedules.items():
        assert schedule["target"][0]["dead_letter_config"], f"{address} has no dead letters"
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:test-undelivered"
    for role in ("pipeline.aws_iam_role_policy.tick", "guard.aws_iam_role_policy.start_late",
                 "query.aws_iam_role_policy.start_etl"):  # fmt: skip
        statements = json.loads(lake.values[f"module.{role}"]["policy"])["Statement"]
        assert [s["Resource"] for s in statements if s["Action"] == ["sqs:SendMessage"]] == [[queue]], role
