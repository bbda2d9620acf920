"""A lake that has been loaded, for faults on purpose: what one puts into it, and how one sees what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headgate.errors import RunFailed
from rehearsal.emulator import Service
from rehearsal.walk.executions import executions, machine_arn
from rehearsal.walk.queries import Queries
from rehearsal.walk.records import records

_LOOK_EVERY = 0.2
_NOTICES = "rehearsal-notices-seen"


@dataclass
class Scene:
    """The loaded lake."""

    service: Service
    outputs: dict[str, Any]
    analyst: Queries
    prefix: str
    folder: Path
    notices: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = ("s3", "sqs", "sns", "glue", "iam", "stepfunctions")
        self.s3, self.sqs, self.sns, self.glue, self.iam, self.sfn = map(self.service.client, names)

    def put(self, key: str, content: bytes | str) -> None:
        """A file into staging."""
        body = content if isinstance(content, bytes) else content.encode()
        self.s3.put_object(Bucket=self.outputs["buckets"]["staging"], Key=f"staging/{key}", Body=body)

    def rows(self, dataset: str) -> int:
        """How many rows readers see, through Athena."""
        return int(self.analyst.ask(f'SELECT COUNT(*) FROM "{self.prefix}{dataset}"')[0][0])

    def machine(self, dataset: str) -> str:
        """The state machine of a dataset."""
        return machine_arn(self.outputs["pipelines"][dataset])

    def queue(self, dataset: str) -> str:
        """The address of the queue of a dataset's arrivals."""
        said = self.outputs["queues"][dataset]
        return self.sqs.get_queue_url(QueueName=said.replace("/", ":").rpartition(":")[2])["QueueUrl"]

    def known(self, dataset: str) -> set[str]:
        """The executions that there are already."""
        return {one["executionArn"] for one in executions(self.sfn, self.machine(dataset))}

    def new(self, dataset: str, known: set[str]) -> list[dict[str, Any]]:
        """The executions since then, the oldest first."""
        return [one for one in executions(self.sfn, self.machine(dataset)) if one["executionArn"] not in known]

    def runs(self, dataset: str, since: Any) -> list[dict[str, Any]]:
        """The runs of a dataset's job since an execution began, the oldest first."""
        found = self.glue.get_job_runs(JobName=self.outputs["jobs"][dataset])["JobRuns"]
        return sorted((one for one in found if one["StartedOn"] >= since), key=lambda one: one["StartedOn"])

    def last(self, dataset: str) -> dict[str, Any]:
        """What the report of the last run that published knows of the dataset."""
        newest = records(self.s3, self.outputs["buckets"]["reports"], newest_first=True)
        every = (one["datasets"].get(dataset) for one in newest)
        return next(said for said in every if said and said["status"] == "published")

    def changed(self, bucket: str, key: str) -> datetime:
        """When an object of a bucket (by its role) was last written; long ago where there is none."""
        try:
            return self.s3.head_object(Bucket=self.outputs["buckets"][bucket], Key=key)["LastModified"]
        except self.s3.exceptions.ClientError:
            return datetime.fromtimestamp(0, UTC)

    def listen(self) -> None:
        """Have the lake's notices sent to a queue of ours."""
        url = self.sqs.create_queue(QueueName=_NOTICES)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": self.outputs["topics"]["notices"]}},
        }  # fmt: skip
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self.sns.subscribe(TopicArn=self.outputs["topics"]["notices"], Protocol="sqs", Endpoint=arn)

    def heard(self) -> list[dict[str, Any]]:
        """Every notice since then, as SNS sends it: `Subject`, `Message`, `Timestamp`."""
        url = self.sqs.get_queue_url(QueueName=_NOTICES)["QueueUrl"]
        while found := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for one in found:
                self.notices.append(json.loads(one["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return self.notices

    def stop_listening(self) -> None:
        """Leave nothing of ours in the account."""
        topic = self.outputs["topics"]["notices"]
        for one in self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            if one["Endpoint"].endswith(f":{_NOTICES}"):
                self.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        self.sqs.delete_queue(QueueUrl=self.sqs.get_queue_url(QueueName=_NOTICES)["QueueUrl"])

    def until(self, what: str, look: Callable[[], Any], seconds: float = 600.0) -> Any:
        """Look until something is there. Raises `RunFailed` when it does not come in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := look():
                return found
            time.sleep(_LOOK_EVERY)
        raise RunFailed(f"{what}: not seen in {seconds:.0f} s", where="faults on purpose")


def insist(fault: str, **facts: tuple[Any, Any]) -> None:
    """Raise `RunFailed` with every fact (seen, expected) that is not as expected."""
    wrong = [f"{name} is {seen!r}, expected {wanted!r}" for name, (seen, wanted) in facts.items() if seen != wanted]
    if wrong:
        raise RunFailed("; ".join(wrong), where=f"fault on purpose: {fault}")
