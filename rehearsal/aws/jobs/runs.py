"""The runs of Glue's jobs: how many at once, which wait, stopping them, and their timeouts.

A job's own limit is `MaxConcurrentRuns`; a run beyond it waits when the job queues, else its start is refused. Besides,
a machine has room for a few Sparks only: a run that finds no room stays STARTING, as in an account without capacity.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.jobs.job_run import Ended, JobRun

OVER = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")
_COUNTED = ("STARTING", "RUNNING", "STOPPING")
_MINUTE = 60.0

Begin = Callable[[Mapping[str, Any], Mapping[str, Any]], JobRun]


class TooMany(Exception):
    """The job may not have another run now, and does not queue."""


class JobRuns:
    """All job runs on this machine; their records are the emulator's own."""

    def __init__(self, begin: Begin, at_once: int) -> None:
        self._begin, self._room, self._lock = begin, threading.Semaphore(at_once), threading.RLock()
        self._processes: dict[str, JobRun] = {}

    def start(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        """Add a new run to the list; it begins at once, or waits. Raises `TooMany`."""
        with self._lock:
            most = int(job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1))
            free = sum(other["JobRunState"] in _COUNTED for other in others) < most
            if not free and not run["JobRunQueuingEnabled"]:
                raise TooMany(f"Concurrent runs exceeded for {run['JobName']}")
            run["JobRunState"] = "STARTING" if free else "WAITING"
            others.append(run)
            if free:
                self._launch(job, run, others)

    def stop(self, run: dict[str, Any]) -> bool:
        """Stop a run; False when it is over already."""
        with self._lock:
            if run["JobRunState"] in (*OVER, "STOPPING"):
                return False
            if run["JobRunState"] == "WAITING":
                _close(run, Ended("STOPPED"))
                return True
            run["JobRunState"] = "STOPPING"
            if run["Id"] in self._processes:
                self._processes[run["Id"]].end(Ended("STOPPED"))
            return True

    def end_all(self) -> None:
        """End every run that is left; for the end of the emulator."""
        for process in list(self._processes.values()):
            process.end(Ended("STOPPED", "the emulator ended"))

    def _launch(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        work = contextvars.copy_context()
        threading.Thread(target=work.run, args=(self._carry_out, job, run, others), daemon=True).start()

    def _carry_out(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        with self._room:
            ended = self._ended(job, run)
        with self._lock:
            self._processes.pop(run["Id"], None)
            _close(run, ended)
            waiting = next((other for other in others if other["JobRunState"] == "WAITING"), None)
            if waiting is not None:
                waiting["JobRunState"] = "STARTING"
                self._launch(job, waiting, others)

    def _ended(self, job: Mapping[str, Any], run: dict[str, Any]) -> Ended:
        with self._lock:
            if run["JobRunState"] == "STOPPING":
                return Ended("STOPPED")
            try:
                process = self._processes[run["Id"]] = self._begin(job, run)
            except Exception as error:
                return Ended("FAILED", str(error))
            run["JobRunState"], run["StartedOn"] = "RUNNING", time.time()
        timer = threading.Timer(float(run["Timeout"]) * _MINUTE, process.end, [Ended("TIMEOUT", "Job run timed out")])
        timer.daemon = True
        timer.start()
        try:
            return process.carry_out()
        finally:
            timer.cancel()


def _close(run: dict[str, Any], ended: Ended) -> None:
    now = time.time()
    run.update(JobRunState=ended.state, ErrorMessage=ended.error, CompletedOn=now, LastModifiedOn=now)
    run["ExecutionTime"] = int(now - run["StartedOn"])
