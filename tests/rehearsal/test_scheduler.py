"""EventBridge Scheduler starts a machine, with its own words filled in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from rehearsal_bench import Account, patiently

from rehearsal.emulator import ACCOUNT

pytestmark = pytest.mark.needs("ministack")


def test_a_schedule_starts_a_machine_as_its_role_and_says_for_when(account: Account) -> None:
    target = account.machine("ticked", {"Type": "Succeed"})
    when = datetime.now(UTC) + timedelta(seconds=1)
    account.service.client("scheduler").create_schedule(
        Name="once",
        ScheduleExpression=f"at({when:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": target,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/tick",
            "Input": '{"scheduled": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}',
        },
    )
    patiently(lambda: account.sfn.list_executions(stateMachineArn=target)["executions"], 40)
    (one,) = account.sfn.list_executions(stateMachineArn=target)["executions"]
    said = json.loads(account.sfn.describe_execution(executionArn=one["executionArn"])["input"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", said["scheduled"])
    assert said["try"] == "1"
    started = [call for call in account.calls() if call["role"] == "tick"]
    assert [(call["action"], call["resource"]) for call in started] == [("states:StartExecution", target)]
