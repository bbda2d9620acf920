"""EventBridge Scheduler starts a machine, with its keywords replaced in the input."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from rehearsal_bench import AccountBench, allow, await_true

from rehearsal.account import ACCOUNT

pytestmark = pytest.mark.needs("ministack")


def test_a_schedule_starts_a_machine_as_its_role_and_passes_its_time(account: AccountBench) -> None:
    target = account.machine("ticked", {"Type": "Succeed"})
    account.role("tick", "scheduler.amazonaws.com", [allow(["states:StartExecution"], [target])])
    when = datetime.now(UTC) + timedelta(seconds=1)
    account.emulator.client("scheduler").create_schedule(
        Name="once",
        ScheduleExpression=f"at({when:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": target,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/tick",
            "Input": '{"scheduled": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}',
        },
    )
    await_true(lambda: account.sfn.list_executions(stateMachineArn=target)["executions"], 40)
    (execution,) = account.sfn.list_executions(stateMachineArn=target)["executions"]
    given = json.loads(account.sfn.describe_execution(executionArn=execution["executionArn"])["input"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", given["scheduled"])
    assert given["try"] == "1"
    started = [call for call in account.calls() if call["role"] == "tick"]
    assert [(call["action"], call["resource"]) for call in started] == [("states:StartExecution", target)]
