"""`headgate dead-letters`: which documents could not be flattened and why, and that replaying loses none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner, Result

from headgate.cli import dead_letters
from headgate.cli.app import app
from headgate.errors import HeadgateError

REGION = "eu-west-1"
LAKE = "test"


class Lake:
    """The queues and the log of a lake's event path, in an account of moto."""

    def __init__(self) -> None:
        self.sqs, self.logs = (boto3.client(name, region_name=REGION) for name in ("sqs", "logs"))
        names = (dead_letters.incoming_queue(LAKE), dead_letters.dead_queue(LAKE))
        self.incoming, self.dead = (self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in names)
        self._group, self._stream = dead_letters.log_group(LAKE), "one"
        self.logs.create_log_group(logGroupName=self._group)
        self.logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)

    def die(self, key: str, body: str = "", **attributes: str) -> None:
        event = {"detail-type": "Object Created", "time": "2026-01-02T03:04:05Z", "detail": {"object": {"key": key}}}
        given = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
        self.sqs.send_message(QueueUrl=self.dead, MessageBody=body or json.dumps(event), MessageAttributes=given)

    def log(self, *lines: Any) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line if isinstance(line, str) else json.dumps(line)} for line in lines]
        self.logs.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=events)

    def waiting(self, url: str) -> list[str]:
        got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        return sorted(json.loads(message["Body"])["detail"]["object"]["key"] for message in got)


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", REGION)
    with mock_aws():
        yield Lake()


Ask = Callable[..., Result]


@pytest.fixture
def ask() -> Ask:
    return lambda *words: CliRunner().invoke(app, ["dead-letters", *words], env={"COLUMNS": "200"})


def test_each_document_is_listed_with_its_last_reason_and_no_other_line_of_the_log(lake: Lake, ask: Ask) -> None:
    lake.die("incoming/plays/a.json")
    lake.die("incoming/unknown/b.json")
    lake.die("incoming/plays/c.json", reason="of the message", dataset="plays")
    lake.log(
        {"document": "incoming/plays/c.json", "reason": "an earlier one"},
        {"document": "incoming/plays/a.json", "reason": "it was too large"},
        {"document": "incoming/plays/a.json", "reason": "not valid JSON at byte 7"},
        {"document": "incoming/plays/a.json.bak", "reason": "of another document: incoming/plays/a.json"},
        "START RequestId: 1 incoming/plays/a.json",
    )
    listed = json.loads(ask("list", "--name", LAKE, "--json").stdout)["dead_letters"]
    assert {letter["key"]: (letter["dataset"], letter["reason"]) for letter in listed} == {
        "incoming/plays/a.json": ("plays", "not valid JSON at byte 7"),
        "incoming/plays/c.json": ("plays", "of the message"),
        "incoming/unknown/b.json": ("unknown", "not in the log any more"),
    }
    assert {letter["arrived"] for letter in listed} == {"2026-01-02T03:04:05Z"}


def test_a_list_of_one_dataset_is_a_table(lake: Lake, ask: Ask) -> None:
    lake.die("incoming/plays/a.json")
    lake.die("incoming/scans/b.json")
    shown = ask("list", "plays", "--name", LAKE).stdout
    assert "incoming/plays/a.json" in shown and "scans" not in shown


def test_nothing_dead_is_said(lake: Lake, ask: Ask) -> None:
    assert ask("list", "--name", LAKE).stdout == "No dead letters.\n"
    assert ask("replay", "plays", "--name", LAKE).stdout == "plays has no dead letters.\n"


def test_replay_moves_the_messages_of_one_dataset_and_leaves_the_others(lake: Lake, ask: Ask) -> None:
    for number in range(23):  # SQS gives out ten at most
        lake.die(f"incoming/plays/{number:02d}.json")
    lake.die("incoming/scans/b.json")
    lake.die("", body="not an event")
    assert len(json.loads(ask("list", "--name", LAKE, "--json").stdout)["dead_letters"]) == 25
    answer = ask("replay", "plays", "--name", LAKE)  # at once after the list
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith("23 of plays will be tried again:\n  incoming/plays/00.json\n")
    counts = {
        url: lake.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in (lake.incoming, lake.dead)
    }
    assert counts[lake.incoming]["ApproximateNumberOfMessages"] == "23"
    assert counts[lake.dead]["ApproximateNumberOfMessages"] == "2"


def test_a_message_without_a_key_says_so(lake: Lake, ask: Ask) -> None:
    lake.die("", body="not an event")
    [letter] = json.loads(ask("list", "--name", LAKE, "--json").stdout)["dead_letters"]
    assert (letter["dataset"], letter["key"], letter["reason"]) == ("", "", "the message names no object")


def test_a_lake_without_the_event_path_is_named(lake: Lake, ask: Ask) -> None:
    error = ask("list", "--name", "other").exception
    assert isinstance(error, HeadgateError) and error.exit_code == 2
    assert "there is no queue other-incoming-dead" in str(error)


def test_without_a_region_none_is_guessed(lake: Lake, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert "no AWS region is set" in str(ask("list", "--name", LAKE).exception)
