"""A function behind a queue: it runs its zip in a bare Python under its role; failed messages become dead letters."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from rehearsal_bench import allow, await_true, make_role, recorded_calls

from rehearsal.account import ACCOUNT, REGION
from rehearsal.emulator import Emulator, running_emulator

pytestmark = pytest.mark.needs("ministack")

SQS = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/test/lambda"
TAKES = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage")
HANDLER = """\
import importlib.util, json, boto3
def handle(event, context):
    failed = []
    for record in event["Records"]:
        text = record["body"]
        seen = [name for name in ("ministack", "headgate", "rehearsal", "pytest") if importlib.util.find_spec(name)]
        print(json.dumps({"said": text}))
        if text == "bad":
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        boto3.client("s3").put_object(Bucket="out", Key=f"{text}.json", Body=json.dumps(seen).encode())
    return {"batchItemFailures": failed}
"""


class Functions:
    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        names = ("lambda", "sqs", "s3", "iam", "logs")
        self.functions, self.sqs, self.s3, self.iam, self.logs = (emulator.client(name) for name in names)
        self.s3.create_bucket(Bucket="out", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.logs.create_log_group(logGroupName="/test/lambda")

    def make(
        self, name: str, trusted: str = "lambda.amazonaws.com", runtime: str = "python3.11", lacks: str = "",
    ) -> str:  # fmt: skip
        """A function behind a queue of its own with dead letters; returns the queue's URL."""
        statements = [
            allow(["s3:PutObject"], ["arn:aws:s3:::out/*"]),
            allow([action for action in TAKES if action != lacks], [f"{SQS}:{name}"]),
            allow(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{LOGS}:*"]),
        ]
        role = make_role(self.iam, f"{name}-role", {"Service": trusted}, statements)
        self.sqs.create_queue(QueueName=f"{name}-dead")
        redrive = json.dumps({"deadLetterTargetArn": f"{SQS}:{name}-dead", "maxReceiveCount": 2})
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": "60"}
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("handler.py", HANDLER)
        self.functions.create_function(
            FunctionName=name, Role=role, Runtime=runtime, Handler="handler.handle", Timeout=10,
            Code={"ZipFile": archive.getvalue()}, LoggingConfig={"LogGroup": "/test/lambda"},
        )  # fmt: skip
        self.functions.create_event_source_mapping(
            EventSourceArn=f"{SQS}:{name}", FunctionName=name, FunctionResponseTypes=["ReportBatchItemFailures"]
        )
        return url

    def dead(self, name: str) -> list[str]:
        url = self.sqs.get_queue_url(QueueName=f"{name}-dead")["QueueUrl"]
        got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in got.get("Messages", [])]

    def output(self, key: str) -> Any:
        listed = self.s3.list_objects_v2(Bucket="out", Prefix=key).get("Contents", [])
        return json.loads(self.s3.get_object(Bucket="out", Key=key)["Body"].read()) if listed else None


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    with running_emulator(tmp_path_factory.mktemp("aws")) as emulator:
        yield Functions(emulator)


def test_a_zip_runs_without_a_module_that_aws_does_not_have_and_only_bad_messages_come_back(functions: Functions):
    url = functions.make("flat")
    for text in ("good", "bad"):
        functions.sqs.send_message(QueueUrl=url, MessageBody=text)
    await_true(lambda: functions.output("good.json") is not None, 30)
    assert functions.output("good.json") == []
    await_true(lambda: functions.dead("flat") == ["bad"], 30)  # two tries, a visibility time-out of a minute
    made = {
        (call["action"], call["resource"]) for call in recorded_calls(functions.emulator) if call["role"] == "flat-role"
    }
    assert ("s3:PutObject", "arn:aws:s3:::out/good.json") in made
    assert {action for action, _ in made} >= {"sqs:ReceiveMessage", "sqs:DeleteMessage", "logs:PutLogEvents"}
    events = functions.logs.filter_log_events(logGroupName="/test/lambda", filterPattern="said")["events"]
    assert any('{"said": "good"}' in event["message"] for event in events)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"trusted": "glue.amazonaws.com"}, "does not trust lambda"),
        ({"runtime": "python3.13"}, "its runtime is python3.13"),
    ],
    ids=["role", "runtime"],
)
def test_a_function_that_aws_would_not_start_here_fails_with_its_reason(
    functions: Functions, given: dict[str, str], why: str
):
    name = f"refused-{'-'.join(given)}"
    url = functions.make(name, **given)
    functions.sqs.send_message(QueueUrl=url, MessageBody="never")
    log = functions.emulator.folder / "emulator.log"
    await_true(lambda: why in log.read_text(), 30)
    assert functions.output("never.json") is None


@pytest.mark.parametrize("lacks", ["sqs:ReceiveMessage", "sqs:DeleteMessage"])
def test_a_function_whose_role_may_not_take_messages_gets_none(functions: Functions, lacks: str) -> None:
    name = f"without-{lacks[4:10].lower()}"
    url = functions.make(name, lacks=lacks)
    functions.sqs.send_message(QueueUrl=url, MessageBody=name)
    await_true(
        lambda: [c for c in recorded_calls(functions.emulator) if (c["action"], c["status"]) == (lacks, 403)], 30
    )
    assert functions.output(f"{name}.json") is None
