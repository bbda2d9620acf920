"""What the emulator's Step Functions lack: `.sync` of Glue and Athena, AWS's names of errors, and who is asking.

- `glue:startJobRun.sync` and `athena:startQueryExecution.sync` start, wait, and fail as AWS does: `States.TaskFailed`
  with what was started, as JSON, as its cause; a refused start keeps its own name, such as
  `Glue.ConcurrentRunsExceededException`. When the execution is stopped, so is what it waits for.
- A refusal by an `aws-sdk` integration is called as the SDK for Java calls it: a modelled error by its class, whatever
  is not modelled by the service's own (`S3.S3Exception`).
- Every call of a task counts as the role's of its state machine.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from typing import Any

import botocore.session
from ministack.services import stepfunctions

from rehearsal.aws.recording import Recorder, acting_as

_POLL_SECONDS = 0.5
_OLD = "AWS.SimpleQueueService."  # SQS's query protocol says so, and its SDK understands it
_OLD_NAMES = {"NonExistentQueue": "QueueDoesNotExist"}
_BOTOCORE = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs", "rdsdata": "rds-data"}

Call = Callable[[str, Mapping[str, Any]], dict[str, Any]]
running: ContextVar[dict[str, Any] | None] = ContextVar("running", default=None)  # the execution of this task


def install(settings: dict[str, Any]) -> None:
    """Add the integrations, and wrap what runs a task."""
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::glue:startJobRun"] = start_job_run
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::athena:startQueryExecution"] = start_query_execution
    stepfunctions._prefix_sdk_error = error_name
    stepfunctions._dispatch_aws_sdk_query = _with_its_code(stepfunctions._dispatch_aws_sdk_query)
    stepfunctions._execute_task = _in_the_machines_name(stepfunctions._execute_task)
    publish = stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"]
    recorder = settings["recorder"]
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] = _written_down(publish, recorder)


def _with_its_code(dispatch: Any) -> Any:
    """Calls answered in XML, with the code of a refusal, which the emulator finds in one service's XML only."""

    def dispatched(info: Any, service: str, action: str, given: Any) -> Any:
        try:
            return dispatch(info, service, action, given)
        except stepfunctions._ExecutionError as error:
            code = re.search(r"<Code>([^<]+)</Code>", error.cause or "")
            if code is None:
                raise
            message = re.search(r"<Message>([^<]+)</Message>", error.cause)
            raise stepfunctions._ExecutionError(error_name(service, code[1]), message[1] if message else "") from None

    return dispatched


def _in_the_machines_name(execute: Any) -> Any:
    def executed(state: Any, given: Any, execution: dict[str, Any], context: Any) -> Any:
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn")) or {}
        token = running.set(execution)
        try:
            with acting_as(machine.get("roleArn", "")):
                return execute(state, given, execution, context)
        finally:
            running.reset(token)

    return executed


def _written_down(publish: Any, recorder: Recorder) -> Any:
    """SNS is called past the gateway, so it is written down here."""

    def published(resource: str, given: dict[str, Any]) -> Any:
        call = {"action": "sns:Publish", "resource": given.get("TopicArn", "*"), "via": "inner"}
        try:
            answer = publish(resource, given)
        except Exception as error:
            recorder.write_as_acting(**call, status=400, error=str(error))
            raise
        recorder.write_as_acting(**call, status=200)
        return answer

    return published


def start_job_run(resource: str, given: dict[str, Any]) -> dict[str, Any]:
    """`glue:startJobRun`, and with `.sync` its end."""
    started = _call("glue", "startJobRun", given)
    if not resource.endswith(".sync"):
        return started
    named = {"JobName": given["JobName"], "RunId": started["JobRunId"]}

    def stop() -> None:
        _call("glue", "batchStopJobRun", {"JobName": given["JobName"], "JobRunIds": [started["JobRunId"]]})

    def look() -> tuple[str, dict[str, Any]]:
        run = _call("glue", "getJobRun", named)["JobRun"]
        return run["JobRunState"], run

    return _waited(look, stop, fine="SUCCEEDED", bad=("FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"))


def start_query_execution(resource: str, given: dict[str, Any]) -> dict[str, Any]:
    """`athena:startQueryExecution`, and with `.sync` its end."""
    started = _call("athena", "startQueryExecution", given)
    if not resource.endswith(".sync"):
        return started
    named = {"QueryExecutionId": started["QueryExecutionId"]}

    def look() -> tuple[str, dict[str, Any]]:
        said = _call("athena", "getQueryExecution", named)
        return said["QueryExecution"]["Status"]["State"], said

    def stop() -> None:
        _call("athena", "stopQueryExecution", named)

    return _waited(look, stop, fine="SUCCEEDED", bad=("FAILED", "CANCELLED"))


def _waited(
    look: Callable[[], tuple[str, dict[str, Any]]], stop: Callable[[], None], *, fine: str, bad: tuple[str, ...]
) -> dict[str, Any]:
    """What came of it. Raises `States.TaskFailed` with it as the cause, and stops it with the execution."""
    while True:
        state, said = look()
        if state == fine:
            return said
        if state in bad:
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(said, default=str))
        if (running.get() or {}).get("status", "RUNNING") != "RUNNING":
            stop()
            raise stepfunctions._ExecutionError("States.TaskFailed", "the execution was stopped")
        time.sleep(_POLL_SECONDS)


def _call(service: str, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    info = stepfunctions._AWS_SDK_SERVICE_MAP[service]
    return stepfunctions._dispatch_aws_sdk_json(info, service, action, dict(given))


def error_name(service: str, code: str) -> str:
    """How a task's `Catch` names an error of an `aws-sdk` integration."""
    if code.startswith("States."):
        return code
    prefix = stepfunctions._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    plain = code.rpartition("#")[2].removeprefix(f"{prefix}.").removeprefix(_OLD)
    plain = _OLD_NAMES.get(plain, plain)
    return f"{prefix}.{_modelled(_BOTOCORE.get(service, service)).get(plain, f'{prefix}Exception')}"


@cache
def _modelled(service: str) -> Mapping[str, str]:
    """The classes of a service's errors, by code, by shape, and by class: the emulator says now one, now the other."""
    shapes: Any = botocore.session.Session().get_service_model(service).error_shapes
    found = dict[str, str]()
    for shape in shapes:
        name = _class_name(shape.name)
        found |= dict.fromkeys((shape.name, name, shape.metadata.get("error", {}).get("code", name)), name)
    return found


def _class_name(shape: str) -> str:
    """As the SDK for Java names the class: always an `Exception`, never a `Fault`."""
    plain = shape.removesuffix("Exception").removesuffix("Fault")
    return f"{plain}Exception"
