"""Runs of the probes' job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from headgate.verify.clock import Clock
from headgate.verify.lake_names import Aws, Target
from headgate.verify.preflight import RUNNING
from headgate.verify.probe import insist

JobRun = Mapping[str, Any]
GATE_CLOSED = "GateClosed:"
_WAIT_FOR_ROOM = 15 * 60  # that Glue may take to find workers


def follow(
    aws: Aws, target: Target, clock: Clock, started: str, while_running: Callable[[], object] | None = None
) -> JobRun:
    """The run when it has ended; `while_running` is called again and again while it is at work."""

    def look() -> JobRun | None:
        run = aws.glue.get_job_run(JobName=target.site.job, RunId=started)["JobRun"]
        if run["JobRunState"] == "RUNNING" and while_running is not None:
            while_running()
        return None if run["JobRunState"] in RUNNING else run

    every = 1 if while_running is not None else 10
    at_most = target.timeout_min * 60 + _WAIT_FOR_ROOM
    return clock.until(f"the end of the run {started}", look, every=every, at_most=at_most)


def must_have_succeeded(run: JobRun) -> None:
    """Raise `NotShown` with Glue's words unless the run went well."""
    said = run.get("ErrorMessage", "")
    insist(run["JobRunState"] == "SUCCEEDED", f"the run {run['Id']} ended {run['JobRunState']}: {said}")


def must_have_closed(run: JobRun) -> None:
    """Raise `NotShown` unless the run failed because its gate closed, in the words that the pipeline looks for."""
    said = run.get("ErrorMessage", "")
    closed = run["JobRunState"] == "FAILED" and GATE_CLOSED in said
    insist(closed, f"the run {run['Id']} ended {run['JobRunState']} without `{GATE_CLOSED}`: {said}")
