"""Tasks that wait for a job, and the names of errors that a `Catch` is written against."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rehearsal_bench import Account, patiently

pytestmark = pytest.mark.needs("ministack")

SYNC = "arn:aws:states:::glue:startJobRun.sync"


@pytest.fixture(scope="module", autouse=True)
def jobs(account: Account) -> None:
    account.job("fine", "import sys\nprint(sys.argv)\n")
    account.job("wrong", "class GateClosed(Exception): pass\nraise GateClosed('refused')\n")
    account.job("long", "import time\ntime.sleep(600)\n")


def _of(job: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": SYNC, "Arguments": {"JobName": job, "Arguments": {"--run_id": "7"}}, **more}


def test_a_task_waits_for_its_job_and_gets_the_run(account: Account) -> None:
    ended = account.execution(account.machine("fine", _of("fine")))
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    run = json.loads(ended["output"])
    assert (run["JobRunState"], run["JobName"], run["Arguments"]["--run_id"]) == ("SUCCEEDED", "fine", "7")


def test_a_job_that_fails_fails_its_task_with_the_run_as_the_cause(account: Account) -> None:
    ended = account.execution(account.machine("wrong", _of("wrong")))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(ended["cause"])
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "GateClosed: refused")


def test_a_start_that_glue_refuses_keeps_glues_name_and_stopping_an_execution_stops_its_job(account: Account) -> None:
    machine = account.machine("long", _of("long"))
    first = account.sfn.start_execution(stateMachineArn=machine)["executionArn"]
    patiently(lambda: account.glue.get_job_runs(JobName="long")["JobRuns"])
    refused = account.execution(machine)
    assert refused["error"] == "Glue.ConcurrentRunsExceededException"
    account.sfn.stop_execution(executionArn=first)
    run = account.glue.get_job_runs(JobName="long")["JobRuns"][0]
    assert account.ended("long", run["Id"])["JobRunState"] == "STOPPED"


def test_a_job_that_is_not_there_is_glues_word(account: Account) -> None:
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
def test_an_error_of_an_sdk_call_is_called_as_java_calls_it(
    account: Account, call: str, arguments: dict[str, Any], error: str
) -> None:
    name = call.replace(":", "-")
    target = account.machine(f"target-{name}", {"Type": "Succeed"})
    account.sfn.start_execution(stateMachineArn=target, name="twice", input=json.dumps({"other": 1}))
    machine = account.machine(name, {"Type": "Task", "Resource": SDK + call, "Arguments": arguments})
    ended = account.execution(machine, {"machine": target})
    assert ended["error"] == error, ended["cause"]


def test_what_a_task_asks_for_is_written_down_as_its_machines(account: Account) -> None:
    account.execution(account.machine("asks", _of("fine")))
    actions = {one["action"] for one in account.calls() if one["role"] == "machine"}
    assert {"glue:StartJobRun", "glue:GetJobRun"} <= actions
