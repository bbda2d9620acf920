"""Executions of state machines: started, waited for, and what they say of themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from headgate.errors import RunFailed
from rehearsal.emulator import ACCOUNT, REGION

_LOOK_EVERY = 0.2


def machine_arn(name: str) -> str:
    """The ARN of a state machine of the rehearsal's account."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def executions(sfn: Any, machine: str) -> list[dict[str, Any]]:
    """The executions of a machine, the oldest first."""
    found = sfn.list_executions(stateMachineArn=machine)["executions"]
    return sorted(found, key=lambda one: one["startDate"])


def start(sfn: Any, machine: str, given: Mapping[str, Any] | None = None) -> str:
    """Start a machine; returns the execution's ARN."""
    return sfn.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]


def ended(sfn: Any, execution: str, seconds: float = 300.0) -> dict[str, Any]:
    """Wait for the end of an execution, however it went. Raises `RunFailed` when it does not come in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        said = sfn.describe_execution(executionArn=execution)
        if said["status"] != "RUNNING":
            return said
        time.sleep(_LOOK_EVERY)
    raise RunFailed(f"it has not ended in {seconds:.0f} s", where=execution.rpartition(":")[2])


def must_be_fine(sfn: Any, execution: str, where: str) -> None:
    """Raise `RunFailed` with the execution's own words unless it went well."""
    said = sfn.describe_execution(executionArn=execution)
    if said["status"] == "SUCCEEDED":
        return
    raise RunFailed(
        f"{said['name']} ended {said['status']}: {said.get('error')} {said.get('cause')}\n{told(sfn, execution)}",
        where=where,
        remedy="The run's own folder below `jobs` holds what the job said.",
    )


def entered(sfn: Any, execution: str) -> list[str]:
    """The names of the states that an execution has entered, in order."""
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
    details = (event.get("stateEnteredEventDetails") for page in pages for event in page["events"])
    return [one["name"] for one in details if one]


def told(sfn: Any, execution: str) -> str:
    """What the failed tasks of an execution said."""
    events = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    failed = [event["taskFailedEventDetails"] for event in events if "taskFailedEventDetails" in event]
    return "\n".join(f"{event.get('error')}: {event.get('cause')}" for event in failed)
