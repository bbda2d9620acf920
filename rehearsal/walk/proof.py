"""The way of one delivery, station by station: it is put into staging, and what must come of it is looked for.

Each thing that did not come is told by its name: the rule that did not match, the job and what it said, the state that
was not entered, the call that was refused.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.errors import RunFailed
from rehearsal.walk.deliveries import delivery
from rehearsal.walk.executions import entered, executions, machine_arn, told
from rehearsal.walk.permissions import found
from rehearsal.walk.scene import Scene

_ROWS = 3


@dataclass(frozen=True)
class Delivered:
    """A delivery under way, and how things stood before it."""

    dataset: str
    key: str
    rows: int
    before: int
    known: frozenset[str]
    since: float


def deliver(scene: Scene, dataset: str, first: int) -> Delivered:
    """Put a file with new rows, numbered from `first`, into staging."""
    before, known = scene.rows(dataset), frozenset(scene.known(dataset))
    key, since = f"{dataset}/delivery-{first}.csv", time.time()
    scene.put(key, delivery(dataset, range(first, first + _ROWS)))
    return Delivered(dataset, key, _ROWS, before, known, since)


def must_arrive(scene: Scene, one: Delivered, marts: Sequence[str], seconds: float = 600.0) -> str:
    """Follow a delivery to its end; returns what was seen. `marts` are those after the dataset, in order.

    Raises `RunFailed` with everything that is not as it must be.
    """
    execution = _ended(scene, one, seconds)
    wrong = [*_of_execution(scene, one, execution, marts), *_of_rows(scene, one)]
    wrong += [f"not allowed: {line}" for line in _refused(scene, one.since)]
    if wrong:
        raise RunFailed("\n".join(wrong), where=f"the way of staging/{one.key}")
    name = execution["name"]
    return f"{name}: {one.dataset}{''.join(f', {mart}' for mart in marts)}; readers see {one.rows} rows more"


def _ended(scene: Scene, one: Delivered, seconds: float) -> Mapping[str, Any]:
    def look() -> Mapping[str, Any] | None:
        new = scene.new(one.dataset, set(one.known))
        return new[0] if new and new[0]["status"] != "RUNNING" else None

    try:
        return scene.until(f"the end of the pipeline of {one.dataset}", look, seconds)
    except RunFailed as error:
        stopped = "\n".join(_stations(scene, one))
        raise RunFailed(f"{error.what}\n{stopped}", where=f"the way of staging/{one.key}") from None


def _stations(scene: Scene, one: Delivered) -> Iterator[str]:
    """Where the hint of an arrival has come to, from the bucket to the machine."""
    url = scene.queue(one.dataset)
    queue = url.rpartition("/")[2]
    events = scene.service.client("events")
    for rule in events.list_rules()["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if any(target["Arn"].endswith(f":{queue}") for target in targets):
            yield f"the rule {rule['Name']} ({rule['State']}) waits for {rule.get('EventPattern')}"
    said = scene.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    yield f"the queue {queue} holds {said['Attributes']['ApproximateNumberOfMessages']} hints"
    admit = machine_arn(f"{scene.outputs['lake']['name']}-admit")
    for run in executions(scene.sfn, admit):
        if run["startDate"].timestamp() >= one.since and run["status"] not in ("RUNNING", "SUCCEEDED"):
            cause = scene.sfn.describe_execution(executionArn=run["executionArn"])
            yield f"the machine admit: {cause.get('error')} {cause.get('cause')} {told(scene.sfn, run['executionArn'])}"
    for run in scene.new(one.dataset, set(one.known)):
        yield f"the machine of {one.dataset}: {run['name']} is {run['status']}"


def _of_execution(scene: Scene, one: Delivered, execution: Mapping[str, Any], marts: Sequence[str]) -> Iterator[str]:
    arn = execution["executionArn"]
    if execution["status"] != "SUCCEEDED":
        said = scene.sfn.describe_execution(executionArn=arn)
        yield (
            f"the machine {scene.outputs['pipelines'][one.dataset]} ended {execution['status']}: "
            f"{said.get('error')} {said.get('cause')}\n{told(scene.sfn, arn)}"
        )
        return
    states = entered(scene.sfn, arn)
    for state in ("Forget arrivals", "Refine", *(f"Build {mart}" for mart in marts), "Tell"):
        if state not in states:
            yield f"the machine {scene.outputs['pipelines'][one.dataset]} never came to `{state}`: {' → '.join(states)}"
    for name in (one.dataset, *marts):
        if scene.changed("reports", f"latest/{name}/report.html") < execution["startDate"]:
            yield f"latest/{name}/report.html is not of this run"
    subject = f"{scene.outputs['lake']['name']}: {one.dataset} went well"
    if not any(notice.get("Subject") == subject and _later(notice, one) for notice in scene.heard()):
        yield f"nobody was told `{subject}`"


def _later(notice: Mapping[str, Any], one: Delivered) -> bool:
    return datetime.fromisoformat(notice["Timestamp"]).timestamp() >= one.since


def _of_rows(scene: Scene, one: Delivered) -> Iterator[str]:
    rows = scene.rows(one.dataset)
    if rows != one.before + one.rows:
        yield f"readers see {rows} rows of {one.dataset}, expected {one.before + one.rows}"


def _refused(scene: Scene, since: float) -> list[str]:
    """Calls since then that the policies of today do not allow."""
    return found(scene.service.calls, scene.iam, f"{scene.outputs['lake']['name']}-", since=since).refused
