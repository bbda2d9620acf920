"""Glue jobs that really run: StartJobRun runs the job's own script with the job's own arguments in local Spark.

Replaces four functions of the emulator's Glue; `GetJobRun`, `GetJobRuns` and all others stay the emulator's. Reads the
part `jobs` of the settings. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import atexit
import secrets
import time
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import glue

from rehearsal.aws import credentials
from rehearsal.aws.jobs.job_run import Installation, JobRun
from rehearsal.aws.jobs.modules import Base
from rehearsal.aws.jobs.runs import JobRuns, TooMany

_DROPPED = ("ExecutionClass", "ExecutionProperty", "JobRunQueuingEnabled", "JobMode")

Answer = tuple[int, dict[str, str], Any]


def install(settings: dict[str, Any]) -> None:
    """Replace the emulator's own job runs."""
    part, folder = settings["jobs"], Path(settings["folder"])
    base = Base(Path(part["python"]), tuple(part["path"]), Path(part["cache"]))
    installation = Installation(
        base,
        settings["endpoint"],
        settings["region"],
        folder,
        part["jars"],
        part["formats"],
        part["java_home"],
        part["archives"],
        part["spark_home"],
        part["memory"],
        part["cores"],
    )
    runs = JobRuns(lambda job, run: JobRun(installation, job, run, session_of(job["Role"], run["Id"])), part["at_once"])
    api = JobRunApi(runs)
    glue._start_job_run = api.start
    glue._batch_stop_job_run = api.stop
    glue._create_job = keeping_all(glue._create_job, "Name")
    glue._update_job = keeping_all(glue._update_job, "JobName")
    atexit.register(runs.end_all)  # no job outlives the emulator


def keeping_all(handler: Any, name: str) -> Any:
    """CreateJob and UpdateJob, keeping the settings that the emulator drops."""

    def kept(data: dict[str, Any]) -> Answer:
        answer = handler(data)
        given = data.get("JobUpdate", data)
        if answer[0] == 200:
            job = glue._jobs[data[name]]
            job.update({setting: given[setting] for setting in _DROPPED if setting in given})
            if "Tags" in given:
                glue._tags[glue._arn("job", data[name])] = dict(given["Tags"])
        return answer

    return kept


class JobRunApi:
    """The API of job runs."""

    def __init__(self, runs: JobRuns) -> None:
        self._runs = runs

    def start(self, data: dict[str, Any]) -> Answer:
        """StartJobRun."""
        name = data.get("JobName", "")
        if name not in glue._jobs:
            return error_response_json("EntityNotFoundException", f"Failed to start job run due to missing {name}", 400)
        job = glue._jobs[name]
        fixed = set(job.get("NonOverridableArguments") or {}) & set(data.get("Arguments") or {})
        if fixed:
            return error_response_json("InvalidInputException", f"Arguments {sorted(fixed)} are non-overridable", 400)
        run = new_run(job, data)
        try:
            self._runs.start(job, run, glue._job_runs.setdefault(name, []))
        except TooMany as error:
            return error_response_json("ConcurrentRunsExceededException", str(error), 400)
        return json_response({"JobRunId": run["Id"]})

    def stop(self, data: dict[str, Any]) -> Answer:
        """BatchStopJobRun."""
        name, stopped, errors = data.get("JobName", ""), list[Any](), list[Any]()
        by_id = {run["Id"]: run for run in glue._job_runs.get(name, [])}
        for run_id in data.get("JobRunIds", []):
            named = {"JobName": name, "JobRunId": run_id}
            if run_id not in by_id:
                why = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Job run not found"}
                errors.append({**named, "ErrorDetail": why})
            elif self._runs.stop(by_id[run_id]):
                stopped.append(named)
            else:
                why = {"ErrorCode": "InvalidInputException", "ErrorMessage": "The job run is over"}
                errors.append({**named, "ErrorDetail": why})
        return json_response({"SuccessfulSubmissions": stopped, "Errors": errors})


def new_run(job: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The record of a new run, with the arguments that the script will get."""
    now, queuing = time.time(), data.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled", False))
    fixed = job.get("NonOverridableArguments") or {}
    workers = data.get("NumberOfWorkers") or job.get("NumberOfWorkers")
    return {
        "Id": f"jr_{secrets.token_hex(32)}",
        "JobId": f"j_{secrets.token_hex(32)}",
        "Attempt": 0,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "CompletedOn": None,
        "JobRunState": "STARTING",
        "Arguments": {**(job.get("DefaultArguments") or {}), **(data.get("Arguments") or {}), **fixed},
        "ErrorMessage": "",
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": data.get("Timeout") or job.get("Timeout") or 2880,
        "WorkerType": data.get("WorkerType") or job.get("WorkerType"),
        "NumberOfWorkers": workers,
        "SecurityConfiguration": job.get("SecurityConfiguration", ""),
        "LogGroupName": "/aws-glue/jobs",
        "GlueVersion": job.get("GlueVersion", ""),
        "ExecutionClass": data.get("ExecutionClass") or job.get("ExecutionClass") or "STANDARD",
        "JobRunQueuingEnabled": bool(queuing),
    }


def session_of(role: str, run_id: str) -> credentials.Credentials:
    """A session of the job's role. Raises `PermissionError`, in Glue's words, where the role does not trust Glue."""
    try:
        return credentials.of_service(role, "glue.amazonaws.com", "", f"GlueJobRunnerSession-{run_id[:12]}")
    except PermissionError:
        why = f"Role {role} should be given assume role permissions for Glue Service."
        raise PermissionError(why) from None
