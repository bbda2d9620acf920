"""A lake that has been loaded, from outside: put files into it, and look at its rows, executions, runs and notices."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.emulator import Emulator
from rehearsal.walk.executions import executions, machine_arn
from rehearsal.walk.queries import Queries
from rehearsal.walk.records import records

_LOOK_EVERY = 0.2
_NOTICES = "rehearsal-notices-seen"


@dataclass
class Scene:
    """The loaded lake."""

    emulator: Emulator
    outputs: dict[str, Any]
    analyst: Queries
    prefix: str
    folder: Path
    notices: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = ("s3", "sqs", "sns", "glue", "iam", "stepfunctions")
        self.s3, self.sqs, self.sns, self.glue, self.iam, self.sfn = map(self.emulator.client, names)

    def put(self, key: str, content: bytes | str) -> None:
        """Put a file into staging."""
        body = content if isinstance(content, bytes) else content.encode()
        self.s3.put_object(Bucket=self.outputs["buckets"]["staging"], Key=f"staging/{key}", Body=body)

    def rows(self, dataset: str) -> int:
        """The number of rows that readers see, through Athena."""
        return int(self.analyst.ask(f'SELECT COUNT(*) FROM "{self.prefix}{dataset}"')[0][0])

    def machine(self, dataset: str) -> str:
        """The state machine of a dataset."""
        return machine_arn(self.outputs["pipelines"][dataset])

    def queue(self, dataset: str) -> str:
        """The URL of the queue of a dataset's arrivals."""
        queue = self.outputs["queues"][dataset]
        return self.sqs.get_queue_url(QueueName=queue.replace("/", ":").rpartition(":")[2])["QueueUrl"]

    def known(self, dataset: str) -> set[str]:
        """The executions so far."""
        return {execution["executionArn"] for execution in executions(self.sfn, self.machine(dataset))}

    def new(self, dataset: str, known: Collection[str]) -> list[dict[str, Any]]:
        """The executions that are not among the known, the oldest first."""
        every = executions(self.sfn, self.machine(dataset))
        return [execution for execution in every if execution["executionArn"] not in known]

    def runs(self, dataset: str, since: Any) -> list[dict[str, Any]]:
        """The runs of a dataset's job since an execution began, the oldest first."""
        every = self.glue.get_job_runs(JobName=self.outputs["jobs"][dataset])["JobRuns"]
        return sorted((run for run in every if run["StartedOn"] >= since), key=lambda run: run["StartedOn"])

    def last(self, dataset: str) -> dict[str, Any]:
        """The dataset's outcome in the record of the last run that published it."""
        newest = records(self.s3, self.outputs["buckets"]["reports"], newest_first=True)
        outcomes = (record["datasets"].get(dataset) for record in newest)
        return next(outcome for outcome in outcomes if outcome and outcome["status"] == "published")

    def changed(self, bucket: str, key: str) -> datetime:
        """When an object of a bucket (by its role) was last written; in 1970 where there is none."""
        try:
            return self.s3.head_object(Bucket=self.outputs["buckets"][bucket], Key=key)["LastModified"]
        except self.s3.exceptions.ClientError:
            return datetime.fromtimestamp(0, UTC)

    def listen(self) -> None:
        """Send the lake's notices to a queue of the rehearsal."""
        url = self.sqs.create_queue(QueueName=_NOTICES)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": self.outputs["topics"]["notices"]}},
        }  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.sns.subscribe(TopicArn=self.outputs["topics"]["notices"], Protocol="sqs", Endpoint=arn)

    def received_notices(self) -> list[dict[str, Any]]:
        """Every notice since `listen`, as SNS sends it: `Subject`, `Message`, `Timestamp`."""
        url = self.sqs.get_queue_url(QueueName=_NOTICES)["QueueUrl"]
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                self.notices.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return self.notices

    def stop_listening(self) -> None:
        """Remove the queue and its subscription from the account."""
        topic = self.outputs["topics"]["notices"]
        for subscription in self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            if subscription["Endpoint"].endswith(f":{_NOTICES}"):
                self.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        self.sqs.delete_queue(QueueUrl=self.sqs.get_queue_url(QueueName=_NOTICES)["QueueUrl"])

    def ended_execution(self, dataset: str, known: Collection[str], seconds: float = 600.0) -> dict[str, Any]:
        """Wait for the first execution of a dataset's pipeline that is not known, and for its end.

        Raises `RunFailed` when that takes longer.
        """

        def look() -> dict[str, Any] | None:
            new = self.new(dataset, known)
            return new[0] if new and new[0]["status"] != "RUNNING" else None

        return self.until(f"the end of the pipeline of {dataset}", look, seconds)

    def until(self, what: str, look: Callable[[], Any], seconds: float = 600.0) -> Any:
        """Look until there is something. Raises `RunFailed` when that takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if seen := look():
                return seen
            time.sleep(_LOOK_EVERY)
        raise RunFailed(f"{what}: not seen within {seconds:.0f} s", where="rehearsal")


def must_be_as_expected(fault: str, **facts: tuple[Any, Any]) -> None:
    """Raise `RunFailed` with every fact (seen, expected) that is not as expected."""
    wrong = [f"{name} is {seen!r}, expected {wanted!r}" for name, (seen, wanted) in facts.items() if seen != wanted]
    if wrong:
        raise RunFailed("; ".join(wrong), where=f"fault on purpose: {fault}")
