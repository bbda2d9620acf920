"""Tasks that wait for a job, and the error names that a `Catch` uses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rehearsal_bench import AccountBench, await_true

pytestmark = pytest.mark.needs("ministack")

SYNC = "arn:aws:states:::glue:startJobRun.sync"


@pytest.fixture(scope="module", autouse=True)
def jobs(account: AccountBench) -> None:
    account.job("fine", "import sys\nprint(sys.argv)\n")
    account.job("wrong", "class GateClosed(Exception): pass\nraise GateClosed('refused')\n")
    account.job("long", "import time\ntime.sleep(600)\n")


def _of(job: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": SYNC, "Arguments": {"JobName": job, "Arguments": {"--run_id": "7"}}, **more}


def test_a_task_waits_for_its_job_and_gets_the_run(account: AccountBench) -> None:
    ended = account.execution(account.machine("fine", _of("fine")))
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    run = json.loads(ended["output"])
    assert (run["JobRunState"], run["JobName"], run["Arguments"]["--run_id"]) == ("SUCCEEDED", "fine", "7")


def test_a_job_that_fails_fails_its_task_with_the_run_as_the_cause(account: AccountBench) -> None:
    ended = account.execution(account.machine("wrong", _of("wrong")))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(ended["cause"])
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "GateClosed: refused")


def test_a_start_that_glue_refuses_keeps_glues_name_and_stopping_an_execution_stops_its_job(
    account: AccountBench,
) -> None:
    machine = account.machine("long", _of("long"))
    first = account.sfn.start_execution(stateMachineArn=machine)["executionArn"]
    await_true(lambda: account.glue.get_job_runs(JobName="long")["JobRuns"])
    refused = account.execution(machine)
    assert refused["error"] == "Glue.ConcurrentRunsExceededException"
    account.sfn.stop_execution(executionArn=first)
    run = account.glue.get_job_runs(JobName="long")["JobRuns"][0]
    assert account.ended("long", run["Id"])["JobRunState"] == "STOPPED"


def test_a_missing_job_has_glues_error_name(account: AccountBench) -> None:
    assert account.execution(account.machine("none", _of("none")))["error"] == "Glue.EntityNotFoundException"


SDK = "arn:aws:states:::aws-sdk:"


@pytest.mark.parametrize(
    ("call", "arguments", "error"),
    [
        ("sfn:startExecution", {"StateMachineArn": "{% $states.input.machine %}", "Name": "twice", "Input": "{}"},
         "Sfn.ExecutionAlreadyExistsException"),
        ("s3:copyObject", {"Bucket": "out", "CopySource": "out/nothing", "Key": "x"}, "S3.NoSuchKeyException"),
        ("sqs:getQueueAttributes", {"QueueUrl": "http://sqs/123456789012/none", "AttributeNames": ["All"]},
         "Sqs.QueueDoesNotExistException"),
        ("glue:getCrawler", {"Name": "none"}, "Glue.EntityNotFoundException"),
    ],
)  # fmt: skip
def test_an_error_of_an_sdk_call_has_the_name_that_java_gives_it(
    account: AccountBench, call: str, arguments: dict[str, Any], error: str
) -> None:
    name = call.replace(":", "-")
    target = account.machine(f"target-{name}", {"Type": "Succeed"})
    account.sfn.start_execution(stateMachineArn=target, name="twice", input=json.dumps({"other": 1}))
    machine = account.machine(name, {"Type": "Task", "Resource": SDK + call, "Arguments": arguments})
    ended = account.execution(machine, {"machine": target})
    assert ended["error"] == error, ended["cause"]


def test_the_calls_of_a_task_are_recorded_as_its_machines(account: AccountBench) -> None:
    account.execution(account.machine("asks", _of("fine")))
    actions = {call["action"] for call in account.calls() if call["role"] == "machine"}
    assert {"glue:StartJobRun", "glue:GetJobRun"} <= actions
