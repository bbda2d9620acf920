"""The runs of Glue's jobs: how many at once, who waits, what is stopped, and when time is up.

A job's own limit is `MaxConcurrentRuns`; a run beyond it waits when the job queues, else its start is refused. Beside
that a machine has room for a few Sparks only: a run that finds none stays STARTING, as one in an account without room.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.aws.jobs.job_run import Ended, Run

OVER = ("SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR")
_COUNTED = ("STARTING", "RUNNING", "STOPPING")
_MINUTE = 60.0

Begin = Callable[[Mapping[str, Any], Mapping[str, Any]], Run]


class TooMany(Exception):
    """The job may not have another run, and does not queue."""


class Runs:
    """All runs of this machine; the records are the emulator's own."""

    def __init__(self, begin: Begin, at_once: int) -> None:
        self._begin, self._room, self._lock = begin, threading.Semaphore(at_once), threading.RLock()
        self._processes: dict[str, Run] = {}

    def start(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        """Take a new run into the list; it begins at once, or waits. Raises `TooMany`."""
        with self._lock:
            most = int(job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1))
            free = sum(one["JobRunState"] in _COUNTED for one in others) < most
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
        """End whatever still runs; for the end of the service."""
        for one in list(self._processes.values()):
            one.end(Ended("STOPPED", "the service ended"))

    def _launch(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        work = contextvars.copy_context()
        threading.Thread(target=work.run, args=(self._carry_out, job, run, others), daemon=True).start()

    def _carry_out(self, job: Mapping[str, Any], run: dict[str, Any], others: list[dict[str, Any]]) -> None:
        with self._room:
            ended = self._ended(job, run)
        with self._lock:
            self._processes.pop(run["Id"], None)
            _close(run, ended)
            waiting = next((one for one in others if one["JobRunState"] == "WAITING"), None)
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
