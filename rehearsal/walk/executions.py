"""Executions of state machines: start them, wait for them, and read their histories."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from headgate.errors import RunFailed
from rehearsal.account import ACCOUNT, REGION

_LOOK_EVERY = 0.2


def machine_arn(name: str) -> str:
    """The ARN of a state machine of the rehearsal's account."""
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


def executions(sfn: Any, machine: str) -> list[dict[str, Any]]:
    """The executions of a machine, the oldest first."""
    listed = sfn.list_executions(stateMachineArn=machine)["executions"]
    return sorted(listed, key=lambda execution: execution["startDate"])


def start(sfn: Any, machine: str, given: Mapping[str, Any] | None = None) -> str:
    """Start a machine; returns the execution's ARN."""
    return sfn.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]


def ended(sfn: Any, execution: str, seconds: float = 300.0) -> dict[str, Any]:
    """Wait for the end of an execution, with success or not. Raises `RunFailed` when it takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        described = sfn.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described
        time.sleep(_LOOK_EVERY)
    raise RunFailed(f"the execution has not ended within {seconds:.0f} s", where=execution.rpartition(":")[2])


def must_succeed(sfn: Any, execution: str, where: str) -> None:
    """Raise `RunFailed` with the execution's error and failed tasks unless it succeeded."""
    described = sfn.describe_execution(executionArn=execution)
    if described["status"] == "SUCCEEDED":
        return
    failure = f"{described['status']}: {described.get('error')} {described.get('cause')}"
    raise RunFailed(
        f"{described['name']} ended {failure}\n{failed_tasks(sfn, execution)}",
        where=where,
        remedy="Read the job's output in the run's folder below `jobs`.",
    )


def entered(sfn: Any, execution: str) -> list[str]:
    """The names of the states that an execution has entered, in order."""
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
    details = (event.get("stateEnteredEventDetails") for page in pages for event in page["events"])
    return [state["name"] for state in details if state]


def failed_tasks(sfn: Any, execution: str) -> str:
    """The errors of an execution's failed tasks, a line each."""
    events = sfn.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    failed = [event["taskFailedEventDetails"] for event in events if "taskFailedEventDetails" in event]
    return "\n".join(f"{event.get('error')}: {event.get('cause')}" for event in failed)
