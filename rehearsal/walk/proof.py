"""Follow one delivery from staging to the rows that readers see, and name everything that went wrong on the way.

That is the path that did not match, the job and its error, the state that was not entered, the call that was refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.errors import RunFailed
from headgate.lake.paths import latest_report
from rehearsal.walk.deliveries import delivery
from rehearsal.walk.executions import entered, executions, failed_tasks, machine_arn
from rehearsal.walk.permissions import permission_use
from rehearsal.walk.scene import Scene

STATES = ("Forget arrivals", "Refine")  # of every pipeline, entered before those of its marts
LAST_STATE = "Tell"
_ROUTE, _TABLE = "route-arrivals", "Know the paths"
_ROWS = 3


@dataclass(frozen=True)
class Delivered:
    """A delivery under way, with the rows and executions of its dataset before it."""

    dataset: str
    key: str
    rows: int
    rows_before: int
    known: frozenset[str]
    since: float

    @property
    def where(self) -> str:
        """The delivery's path, for errors."""
        return f"the path of staging/{self.key}"


def deliver(scene: Scene, dataset: str, first: int) -> Delivered:
    """Put a file with new rows, numbered from `first`, into staging."""
    before, known = scene.rows(dataset), frozenset(scene.known(dataset))
    key, since = f"{dataset}/delivery-{first}.csv", time.time()
    scene.put(key, delivery(dataset, range(first, first + _ROWS)))
    return Delivered(dataset, key, _ROWS, before, known, since)


def must_arrive(scene: Scene, delivered: Delivered, marts: Sequence[str], seconds: float = 600.0) -> str:
    """Follow a delivery to its end; returns what was seen. `marts` are those after the dataset, in order.

    Raises `RunFailed` with everything that is wrong.
    """
    execution = _ended(scene, delivered, seconds)
    wrong = [*_of_execution(scene, delivered, execution, marts), *_of_rows(scene, delivered)]
    wrong += [f"not allowed: {line}" for line in _refused(scene, delivered.since)]
    if wrong:
        raise RunFailed("\n".join(wrong), where=delivered.where)
    path = ", ".join([delivered.dataset, *marts])
    return f"{execution['name']}: {path}; readers see {delivered.rows} more rows"


def _ended(scene: Scene, delivered: Delivered, seconds: float) -> Mapping[str, Any]:
    try:
        return scene.ended_execution(delivered.dataset, delivered.known, seconds)
    except RunFailed as error:
        stops = "\n".join(_stops(scene, delivered))
        raise RunFailed(f"{error.what}\n{stops}", where=delivered.where) from None


def _stops(scene: Scene, delivered: Delivered) -> Iterator[str]:
    """The state of each stop on the way of an arrival's hint, from the bucket to the machine."""
    dataset = delivered.dataset
    url = scene.queue(dataset)
    queue = url.rpartition("/")[2]
    yield from _routes(scene, queue)
    counted = scene.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    yield f"the queue {queue} has {counted['Attributes']['ApproximateNumberOfMessages']} hints"
    for name in (_ROUTE, "admit"):
        for run in executions(scene.sfn, machine_arn(f"{scene.outputs['lake']['name']}-{name}")):
            if run["startDate"].timestamp() >= delivered.since and run["status"] not in ("RUNNING", "SUCCEEDED"):
                yield f"the machine {name}: {_failure(scene, run['executionArn'])}"
    for run in scene.new(dataset, delivered.known):
        yield f"the machine of {dataset}: {run['name']} is {run['status']}"


def _routes(scene: Scene, queue: str) -> Iterator[str]:
    """The rule of arrivals, and the paths of a queue in the machine that it starts."""
    lake, events = scene.outputs["lake"]["name"], scene.emulator.client("events")
    machine = machine_arn(f"{lake}-{_ROUTE}")
    for rule in events.list_rules()["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if any(target["Arn"] == machine for target in targets):
            yield f"the rule {rule['Name']} ({rule['State']}) waits for {rule.get('EventPattern')}"
    paths = paths_of(scene.sfn.describe_state_machine(stateMachineArn=machine)["definition"], queue, lake)
    yield f"the machine {lake}-{_ROUTE} puts hints into {queue} for {' and '.join(paths) or 'no path'}"


def paths_of(definition: str, queue: str, lake: str) -> list[str]:
    """The paths below staging whose objects leave a hint in a queue, by the definition of the machine that routes."""
    routes = json.loads(definition)["States"][_TABLE]["Assign"]["routes"]
    name = queue.removeprefix(f"{lake}-")
    return [f"staging/{folder}{queues[name]}" for folder, queues in routes.items() if name in queues]


def _failure(scene: Scene, execution: str) -> str:
    """The error of a failed execution and of its failed tasks."""
    described = scene.sfn.describe_execution(executionArn=execution)
    return f"{described.get('error')} {described.get('cause')}\n{failed_tasks(scene.sfn, execution)}"


def _of_execution(
    scene: Scene, delivered: Delivered, execution: Mapping[str, Any], marts: Sequence[str]
) -> Iterator[str]:
    """What is wrong with the execution: its end, the states that it entered, its reports and its notice."""
    dataset, arn = delivered.dataset, execution["executionArn"]
    machine = scene.outputs["pipelines"][dataset]
    if execution["status"] != "SUCCEEDED":
        yield f"the machine {machine} ended {execution['status']}: {_failure(scene, arn)}"
        return
    states = entered(scene.sfn, arn)
    for state in (*STATES, *(f"Build {mart}" for mart in marts), LAST_STATE):
        if state not in states:
            yield f"the machine {machine} did not enter `{state}`: {' → '.join(states)}"
    for name in (dataset, *marts):
        report = latest_report(name)
        if scene.changed("reports", report) < execution["startDate"]:
            yield f"{report} is older than this execution"
    subject = f"{scene.outputs['lake']['name']}: {dataset} went well"
    if not any(
        notice.get("Subject") == subject and _is_later(notice, delivered) for notice in scene.received_notices()
    ):
        yield f"no notice `{subject}` was sent"


def _is_later(notice: Mapping[str, Any], delivered: Delivered) -> bool:
    return datetime.fromisoformat(notice["Timestamp"]).timestamp() >= delivered.since


def _of_rows(scene: Scene, delivered: Delivered) -> Iterator[str]:
    rows, wanted = scene.rows(delivered.dataset), delivered.rows_before + delivered.rows
    if rows != wanted:
        yield f"readers see {rows} rows of {delivered.dataset}, expected {wanted}"


def _refused(scene: Scene, since: float) -> list[str]:
    """The calls since then that the present policies do not allow."""
    return permission_use(scene.emulator.calls, scene.iam, f"{scene.outputs['lake']['name']}-", since=since).refused
