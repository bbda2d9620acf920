"""Lambda functions run in a Python that has AWS's SDK and what the zip brings, and nothing else.

The emulator fetches the zip, unpacks it, gives the process a session of the function's role, and feeds it from a queue.
Added here:

- The process has neither the emulator's modules nor the checkout's. A runtime or architecture that this machine cannot
  run is an error of the function.
- The function's role must trust Lambda.
- A message that failed comes back after a hundredth of the queue's visibility time-out.
- What Lambda does in the role's name (it takes messages and writes logs) is judged and recorded like a call. Without
  the rights to receive and delete messages the function gets none.

Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import platform
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc, sqs

from rehearsal.aws import credentials
from rehearsal.aws.recording import Recorder, acting_as

COMES_BACK_AFTER = 0.01  # of the queue's visibility time-out
_TAKES = ("sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:DeleteMessage")
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

Json = dict[str, Any]


class CannotRun(RuntimeError):
    """This machine cannot run the function."""


def install(settings: Json) -> None:
    """Replace the Python of the emulator's functions, and watch the batches of their queues."""
    part, recorder = settings["lambda"], settings["recorder"]
    program = launcher(Path(settings["folder"]), part["python"], part["path"])
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    lambda_runtime._detect_runtime_binary = lambda runtime: (str(program), script)
    lambda_runtime.Worker._spawn = checked(lambda_runtime.Worker._spawn)
    lambda_svc._run_sqs_batch = watched(lambda_svc._run_sqs_batch, recorder)


def launcher(folder: Path, python: str, path: list[str]) -> Path:
    """A program that starts the Python with the modules in `path`, and with no setting of the emulator's Python."""
    program = folder / "lambda-python"
    words = ["exec", "env", "-u", "REHEARSAL_SETTINGS", f"PYTHONPATH={':'.join(path)}", python, "-B"]
    program.write_text(f'#!/bin/sh\n{shlex.join(words)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def checked(spawn: Any) -> Any:
    """The start of a function's process; refused when it cannot run here, or when its role does not trust Lambda."""

    def spawned(worker: Any) -> None:
        config: Json = worker.config
        if why := cannot_run(config.get("Runtime", ""), config.get("Architectures") or ["x86_64"]):
            raise CannotRun(f"{config['FunctionName']}: {why}")
        function = config.get("FunctionArn", "")
        credentials.of_service(config["Role"], "lambda.amazonaws.com", function, config["FunctionName"])
        spawn(worker)

    return spawned


def cannot_run(runtime: str, architectures: list[str]) -> str:
    """Why this machine cannot run a function of this kind; empty when it can."""
    here = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if runtime != here:
        return f"its runtime is {runtime}, and the rehearsal's is {here}"
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    return "" if machine in architectures else f"it is for {', '.join(architectures)}, and this machine is {machine}"


def watched(run: Any, recorder: Recorder) -> Any:
    """A batch: failed messages come back sooner, and what Lambda itself does is recorded."""

    def ran(mapping: Json, function: Json, event: Json, batch: list[Json], url: str, name: str) -> None:
        config = function.get("config") or function
        with acting_as(config["Role"]):
            taken = [recorder.as_acting(action, mapping["EventSourceArn"]) for action in _TAKES]
            for call in taken:
                call.record()
            if any(call.why for call in taken):
                return
            run(mapping, function, event, batch, url, name)
            for action, stream in logs_of(config):
                recorder.as_acting(action, stream).record()
        queue = sqs._queues.get(url) or {}
        soon = time.time() + COMES_BACK_AFTER * float(queue.get("attributes", {}).get("VisibilityTimeout", "30"))
        for message in batch:
            message["visible_at"] = soon

    return ran


def logs_of(config: Json) -> list[tuple[str, str]]:
    """What Lambda does for the log of a function in the name of its role: actions and resources."""
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    stream = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:"
    return [("logs:CreateLogStream", stream), ("logs:PutLogEvents", f"{stream}one")]
