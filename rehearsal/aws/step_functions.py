"""What the emulator's Step Functions lack: `.sync` of Glue and Athena, AWS's error names, and the role that calls.

- `glue:startJobRun.sync` and `athena:startQueryExecution.sync` start, wait, and fail as on AWS: `States.TaskFailed`,
  with the run or query as JSON in its cause; a refused start keeps its own name, such as
  `Glue.ConcurrentRunsExceededException`. Stopping the execution stops the run or query that it waits for.
- The error of an `aws-sdk` integration has the name that the SDK for Java gives it: the class of a modelled error, and
  the service's own class for any other (`S3.S3Exception`).
- Every call of a task counts as a call of its state machine's role, which must trust Step Functions.
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

from rehearsal.aws.judge import refusal_to_take
from rehearsal.aws.recording import Recorder, acting_as

_POLL_SECONDS = 0.5
_SQS_PREFIX = "AWS.SimpleQueueService."  # in the error codes of SQS's query protocol, which its SDK understands
_SQS_NAMES = {"NonExistentQueue": "QueueDoesNotExist"}
_BOTOCORE = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs", "rdsdata": "rds-data"}

running: ContextVar[dict[str, Any] | None] = ContextVar("running", default=None)  # the execution of this task


def install(settings: dict[str, Any]) -> None:
    """Add the integrations, and wrap the function that runs a task."""
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::glue:startJobRun"] = start_job_run
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::athena:startQueryExecution"] = start_query_execution
    stepfunctions._prefix_sdk_error = error_name
    stepfunctions._dispatch_aws_sdk_query = _with_error_codes(stepfunctions._dispatch_aws_sdk_query)
    stepfunctions._execute_task = _as_the_machines_role(stepfunctions._execute_task)
    publish = stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"]
    recorded = _recorded(publish, settings["recorder"])
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::sns:publish"] = recorded


def _with_error_codes(dispatch: Any) -> Any:
    """Read the error code from any service's XML; the emulator reads it from one service's only."""

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


def _as_the_machines_role(execute: Any) -> Any:
    def executed(state: Any, given: Any, execution: dict[str, Any], context: Any) -> Any:
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn")) or {}
        role = machine.get("roleArn", "")
        if role and (why := refusal_to_take(role, "states.amazonaws.com", machine.get("stateMachineArn", ""))):
            raise stepfunctions._ExecutionError("States.Permissions", why)
        token = running.set(execution)
        try:
            with acting_as(role):
                return execute(state, given, execution, context)
        finally:
            running.reset(token)

    return executed


def _recorded(publish: Any, recorder: Recorder) -> Any:
    """Judge and record the call here: SNS is called without the gateway."""

    def published(resource: str, given: dict[str, Any]) -> Any:
        call = recorder.as_acting("sns:Publish", given.get("TopicArn", "*"))
        if call.why:
            call.record()
            raise stepfunctions._ExecutionError("SNS.AuthorizationErrorException", call.why)
        try:
            answer = publish(resource, given)
        except Exception as error:
            call.record(400, str(error))
            raise
        call.record()
        return answer

    return published


def start_job_run(resource: str, given: dict[str, Any]) -> dict[str, Any]:
    """`glue:startJobRun`; with `.sync`, wait for the end of the run."""
    started = _call("glue", "startJobRun", given)
    if not resource.endswith(".sync"):
        return started
    named = {"JobName": given["JobName"], "RunId": started["JobRunId"]}

    def stop() -> None:
        _call("glue", "batchStopJobRun", {"JobName": given["JobName"], "JobRunIds": [started["JobRunId"]]})

    def look() -> tuple[str, dict[str, Any]]:
        run = _call("glue", "getJobRun", named)["JobRun"]
        return run["JobRunState"], run

    return _wait(look, stop, failed=("FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"))


def start_query_execution(resource: str, given: dict[str, Any]) -> dict[str, Any]:
    """`athena:startQueryExecution`; with `.sync`, wait for the end of the query."""
    started = _call("athena", "startQueryExecution", given)
    if not resource.endswith(".sync"):
        return started
    named = {"QueryExecutionId": started["QueryExecutionId"]}

    def look() -> tuple[str, dict[str, Any]]:
        query = _call("athena", "getQueryExecution", named)
        return query["QueryExecution"]["Status"]["State"], query

    def stop() -> None:
        _call("athena", "stopQueryExecution", named)

    return _wait(look, stop, failed=("FAILED", "CANCELLED"))


def _wait(
    look: Callable[[], tuple[str, dict[str, Any]]], stop: Callable[[], None], *, failed: tuple[str, ...]
) -> dict[str, Any]:
    """Wait for a run or query and return it; stop it with the execution. Raises `States.TaskFailed` with its answer."""
    while True:
        state, answer = look()
        if state == "SUCCEEDED":
            return answer
        if state in failed:
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(answer, default=str))
        if (running.get() or {}).get("status", "RUNNING") != "RUNNING":
            stop()
            raise stepfunctions._ExecutionError("States.TaskFailed", "the execution was stopped")
        time.sleep(_POLL_SECONDS)


def _call(service: str, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    info = stepfunctions._AWS_SDK_SERVICE_MAP[service]
    return stepfunctions._dispatch_aws_sdk_json(info, service, action, dict(given))


def error_name(service: str, code: str) -> str:
    """The name by which a task's `Catch` knows an error of an `aws-sdk` integration."""
    if code.startswith("States."):
        return code
    prefix = stepfunctions._AWS_SDK_ERROR_PREFIX.get(service, service.capitalize())
    plain = code.rpartition("#")[2].removeprefix(f"{prefix}.").removeprefix(_SQS_PREFIX)
    plain = _SQS_NAMES.get(plain, plain)
    return f"{prefix}.{_modelled(_BOTOCORE.get(service, service)).get(plain, f'{prefix}Exception')}"


@cache
def _modelled(service: str) -> Mapping[str, str]:
    """The classes of a service's errors, by code, by shape and by class: the emulator uses any of the three."""
    shapes: Any = botocore.session.Session().get_service_model(service).error_shapes
    classes = dict[str, str]()
    for shape in shapes:
        name = _class_name(shape.name)
        classes |= dict.fromkeys((shape.name, name, shape.metadata.get("error", {}).get("code", name)), name)
    return classes


def _class_name(shape: str) -> str:
    """The class of the SDK for Java: its name always ends in `Exception`, never in `Fault`."""
    plain = shape.removesuffix("Exception").removesuffix("Fault")
    return f"{plain}Exception"
