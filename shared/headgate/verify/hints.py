"""Hints of arrivals that the probes take out of their queue, so that no pipeline answers a file meant for a probe."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress

from headgate.verify.clock import Clock
from headgate.verify.lake_names import Aws, Site
from headgate.verify.probe import NotShown

WAIT = 60


def take_hints(aws: Aws, site: Site, clock: Clock, keys: Collection[str], at_most: float = WAIT) -> set[str]:
    """Take the hints of these objects; the keys whose hint did not come in time. Hints of others are left."""
    if not keys:
        return set()
    url = aws.sqs.get_queue_url(QueueName=site.queue)["QueueUrl"]
    missing = set(keys)

    def look() -> bool | None:
        missing.difference_update(_take(aws, url, keys))
        return True if not missing else None

    with suppress(NotShown):
        clock.until("the hint", look, every=1, at_most=at_most)
    return missing


def _take(aws: Aws, url: str, keys: Collection[str]) -> set[str]:
    taken = set()
    found = aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2, VisibilityTimeout=10)
    for message in found.get("Messages", []):
        key = json.loads(message["Body"]).get("key", "")
        if key in keys:
            aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            taken.add(key)
    return taken
