"""The machine that starts jobs for people, on the emulator: which inputs it passes on, and which it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulator import ACCOUNT, EmulatedAccount, patiently
from mocked_plan import Plan

pytestmark = pytest.mark.needs("terraform", "ministack")

JOB = "test-maintain-orders"


@pytest.fixture(scope="module")
def run_job(emulator: EmulatedAccount, lake: Plan) -> Any:
    """Run the machine, with a state that returns what the job would get in the place of the job."""
    planned = lake.values["module.pipeline.aws_sfn_state_machine.run_job"]
    definition = json.loads(planned["definition"])
    given = definition["States"]["Run"]["Arguments"]
    definition["States"]["Run"] = {"Type": "Pass", "Output": given, "End": True}
    sfn = emulator.client("stepfunctions")
    machine = sfn.create_state_machine(
        name=planned["name"], definition=json.dumps(definition), roleArn=f"arn:aws:iam::{ACCOUNT}:role/played"
    )["stateMachineArn"]

    def run(given: Any) -> Any:
        execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
        patiently(lambda: sfn.describe_execution(executionArn=execution)["status"] != "RUNNING")
        ended = sfn.describe_execution(executionArn=execution)
        return json.loads(ended["output"]) if ended["status"] == "SUCCEEDED" else ended["error"]

    return run


@pytest.mark.parametrize(
    "arguments", [{"--task": "rollback", "--to": "r"}, {"--full": "true"}, {"--backfill": "stale"}, {}]
)
def test_what_decides_what_a_job_does_is_passed_on(run_job: Any, arguments: dict[str, str]) -> None:
    assert run_job({"job": JOB, "arguments": arguments}) == {"JobName": JOB, "Arguments": arguments}


def test_a_job_may_run_without_arguments(run_job: Any) -> None:
    assert run_job({"job": JOB}) == {"JobName": JOB, "Arguments": {}}


@pytest.mark.parametrize(
    "given",
    [
        {"job": JOB, "arguments": {"--extra-py-files": "s3://mine/code.zip"}},
        {"job": JOB, "arguments": {"--task": "rollback", "--extra-jars": "s3://mine/code.jar"}},
        {"job": JOB, "arguments": {"--additional-python-modules": "s3://mine/code.whl"}},
        {"job": JOB, "arguments": {"--scriptLocation": "s3://mine/code.py"}},
        {"job": JOB, "arguments": {"--conf": "spark.jars=s3://mine/code.jar"}},
        {"job": JOB, "arguments": {"--lake": "s3://mine"}},
        {"job": JOB, "arguments": {"--run_id": "20260101T000000Z-abcdef"}},
        {"job": "other-maintain-orders"},
        {"job": "test-other"},
        {"job": "test-maintain-orders; other"},
        {},
    ],
)
def test_everything_else_is_refused(run_job: Any, given: dict[str, Any]) -> None:
    assert run_job(given) == "ArgumentRefused"
