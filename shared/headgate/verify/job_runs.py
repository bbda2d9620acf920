"""Runs of the probes' Glue job: wait for their end, and check how they ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headgate.verify.clients import AwsClients
from headgate.verify.clock import Clock
from headgate.verify.preflight import ACTIVE
from headgate.verify.probe import require
from headgate.verify.probe_job import ProbeJob

JobRun = Mapping[str, Any]
GATE_CLOSED = "GateClosed:"
_WAIT_FOR_WORKERS = 15 * 60  # the longest that Glue may take to provide workers


def wait_for_end(
    aws: AwsClients, job: ProbeJob, clock: Clock, run_id: str, while_running: Callable[[], object] | None = None
) -> JobRun:
    """Return the run after it has ended; until then call `while_running` every second."""

    def look() -> JobRun | None:
        run = aws.glue.get_job_run(JobName=job.names.job, RunId=run_id)["JobRun"]
        if run["JobRunState"] == "RUNNING" and while_running is not None:
            while_running()
        return None if run["JobRunState"] in ACTIVE else run

    every = 1 if while_running is not None else 10
    timeout = job.timeout_min * 60 + _WAIT_FOR_WORKERS
    return clock.wait_for(f"the end of the run {run_id}", look, every=every, timeout=timeout)


def require_success(run: JobRun) -> None:
    """Raise `ProbeFailed` with Glue's message unless the run succeeded."""
    message = run.get("ErrorMessage", "")
    require(run["JobRunState"] == "SUCCEEDED", f"the run {run['Id']} ended {run['JobRunState']}: {message}")


def require_closed_gate(run: JobRun) -> None:
    """Raise `ProbeFailed` unless the run failed because its gate closed, with the text that the pipeline looks for."""
    message = run.get("ErrorMessage", "")
    closed = run["JobRunState"] == "FAILED" and GATE_CLOSED in message
    require(closed, f"the run {run['Id']} ended {run['JobRunState']} without `{GATE_CLOSED}`: {message}")
