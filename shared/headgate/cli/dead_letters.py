"""The documents that a deployed lake could not flatten: why, and another try.

Queues and log group are those of terraform/modules/events. A message's body is EventBridge's event of the object
("Object Created", Amazon S3 User Guide, "EventBridge event structure"). The function sends a message that fails for the
last time with the attribute `reason` (lambdas/flatten_json/handler.py); for a message that SQS itself has moved the
reason is looked up in the function's log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from headgate.cli.aws import clients, told
from headgate.errors import UnusableArgument
from headgate.lake.paths import dataset_of_document

_SEEN_FOR = 60  # seconds in which a message that is looked at is not given out again
_PER_CALL = 10  # what SQS gives out at most
_UNKNOWN = "not in the log any more"


def incoming_queue(lake: str) -> str:
    """The queue of documents that wait to be flattened."""
    return f"{lake}-incoming"


def dead_queue(lake: str) -> str:
    """The queue of documents that could not be flattened."""
    return f"{lake}-incoming-dead"


def log_group(lake: str) -> str:
    """The log group of the function."""
    return f"/{lake}/lambda/flatten"


@dataclass(frozen=True)
class DeadLetter:
    """A document that could not be flattened; `dataset` is empty for a message that names none."""

    dataset: str
    key: str
    arrived: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """The same for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Message:
    """A message of SQS, with what its body says."""

    body: str
    handle: str
    arrived: datetime
    key: str
    reason: str = ""

    @property
    def dataset(self) -> str:
        return dataset_of_document(self.key) or ""


class DeadLetters:
    """The dead letters of one lake."""

    def __init__(self, lake: str, sqs: Any, logs: Any) -> None:
        self._lake, self._log_lines = lake, dict[str, str]()
        self._sqs, self._logs = sqs, logs

    def letters(self) -> list[DeadLetter]:
        """Every dead letter, the oldest document first. Raises `RunFailed` with what AWS refused."""
        with _aws(dead_queue(self._lake)), self._looked_at() as messages:
            ordered = sorted(messages, key=lambda message: (message.arrived, message.key))
            return [DeadLetter(m.dataset, m.key, f"{m.arrived:%Y-%m-%dT%H:%M:%SZ}", self._reason(m)) for m in ordered]

    def replay(self, dataset: str) -> list[str]:
        """Put the dataset's messages back into the queue of the function; returns the documents' keys.

        Each message is put back before it is removed, so none is lost; the function may see one twice.
        """
        keys = list[str]()
        with _aws(dead_queue(self._lake)), self._looked_at() as messages:
            dead, incoming = self._url(dead_queue(self._lake)), self._url(incoming_queue(self._lake))
            for message in [message for message in messages if message.dataset == dataset]:
                self._sqs.send_message(QueueUrl=incoming, MessageBody=message.body)
                self._sqs.delete_message(QueueUrl=dead, ReceiptHandle=message.handle)
                messages.remove(message)
                keys.append(message.key)
        return sorted(keys)

    @contextmanager
    def _looked_at(self) -> Iterator[list[_Message]]:
        """Every message; those that are still in the list at the end can be received again at once."""
        messages = list(self._received())
        try:
            yield messages
        finally:
            url = self._url(dead_queue(self._lake))
            for message in messages:
                self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message.handle, VisibilityTimeout=0)

    def _url(self, queue: str) -> str:
        return self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def _received(self) -> Iterator[_Message]:
        """Every message once. They stay in the queue; nobody else receives them for a while."""
        url, known, nothing = self._url(dead_queue(self._lake)), set[str](), 0
        while nothing < 2:  # one empty answer may mean that SQS did not ask all of its servers
            got = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_PER_CALL,
                VisibilityTimeout=_SEEN_FOR,
                WaitTimeSeconds=1,
                AttributeNames=["SentTimestamp"],
                MessageAttributeNames=["reason"],
            ).get("Messages", [])
            new = [message for message in got if message["MessageId"] not in known]
            nothing = 0 if new else nothing + 1
            known |= {message["MessageId"] for message in new}
            yield from map(_message, new)

    def _reason(self, message: _Message) -> str:
        """The reason in the message, else the last one that the function's log has for the document."""
        if message.reason:
            return message.reason
        if not message.key:
            return "the message names no object"
        if message.key not in self._log_lines:
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=log_group(self._lake),
                startTime=int(message.arrived.timestamp() * 1000),
                filterPattern=json.dumps(message.key),
            )
            lines = [event["message"] for page in pages for event in page["events"]]
            reasons = [reason for line in lines if (reason := _reason_in(line, message.key))]
            self._log_lines[message.key] = reasons[-1] if reasons else _UNKNOWN
        return self._log_lines[message.key]


def _message(given: dict[str, Any]) -> _Message:
    sent = datetime.fromtimestamp(int(given["Attributes"]["SentTimestamp"]) / 1000, UTC)
    reason = given.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "")
    try:
        event = json.loads(given["Body"])
        key = str(event["detail"]["object"]["key"])
        arrived = datetime.fromisoformat(event["time"]) if "time" in event else sent
    except (ValueError, KeyError, TypeError):
        key, arrived = "", sent
    return _Message(given["Body"], given["ReceiptHandle"], arrived, key, reason)


def _reason_in(line: str, key: str) -> str:
    """The reason in a line of the function's log, which is one JSON object; empty when it is about something else."""
    try:
        logged = json.loads(line)
    except ValueError:
        return ""
    return str(logged.get("reason", "")) if isinstance(logged, dict) and logged.get("document") == key else ""


def dead_letters(lake: str, region: str = "") -> DeadLetters:
    """The dead letters of a lake, in the account of the credentials. Raises `UnusableArgument` without a region."""
    return DeadLetters(lake, *clients("sqs", "logs", region=region))


def _aws(queue: str) -> AbstractContextManager[None]:
    def no_queue(code: str) -> UnusableArgument | None:
        if not code.endswith("NonExistentQueue") and code != "QueueDoesNotExist":
            return None
        remedy = "Check --name (the lake's name) and the region. A lake without `arrive: events` has no such queue."
        return UnusableArgument(f"there is no queue {queue}", remedy=remedy)

    return told(queue, "Take the role of an operator (docs/RUNBOOK.md).", no_queue)


def by_dataset(letters: Sequence[DeadLetter], dataset: str) -> list[DeadLetter]:
    """The dead letters of a dataset, or all of them."""
    return [letter for letter in letters if not dataset or letter.dataset == dataset]
