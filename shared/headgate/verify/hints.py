"""Arrival hints: the messages that S3's events put into the dataset's queue.

The probes take the hints of their own files out of the queue, so that the pipeline does not run for them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress

from headgate.verify.clients import AwsClients
from headgate.verify.clock import Clock
from headgate.verify.lake_names import LakeNames
from headgate.verify.probe import ProbeFailed

WAIT = 60


def take_hints(
    aws: AwsClients, names: LakeNames, clock: Clock, keys: Collection[str], timeout: float = WAIT, queue: str = ""
) -> set[str]:
    """Take the hints of these objects out of a queue; return the keys whose hint did not come in time.

    By default it is the queue of the dataset's arrivals. The hints of other objects stay.
    """
    if not keys:
        return set()
    url = aws.sqs.get_queue_url(QueueName=queue or names.queue)["QueueUrl"]
    missing = set(keys)

    def look() -> bool | None:
        missing.difference_update(_take(aws, url, keys))
        return True if not missing else None

    with suppress(ProbeFailed):
        clock.wait_for("the hint", look, every=1, timeout=timeout)
    return missing


def _take(aws: AwsClients, url: str, keys: Collection[str]) -> set[str]:
    taken = set()
    answer = aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2, VisibilityTimeout=10)
    for message in answer.get("Messages", []):
        key = json.loads(message["Body"]).get("key", "")
        if key in keys:
            aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken.add(key)
    return taken
