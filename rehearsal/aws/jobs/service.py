"""Glue's jobs, for real: StartJobRun runs the job's own script with the job's own arguments in local Spark.

Takes the place of four functions of the emulator's Glue; `GetJobRun`, `GetJobRuns` and everything else stay its own.
Reads the part `jobs` of the settings.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import atexit
import json
import secrets
import time
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import glue, iam, sts

from rehearsal.aws.jobs.job_run import Place, Run
from rehearsal.aws.jobs.modules import Base
from rehearsal.aws.jobs.runs import Runs, TooMany

_FORGOTTEN = ("ExecutionClass", "ExecutionProperty", "JobRunQueuingEnabled", "JobMode")
_SESSION_SECONDS = 12 * 3600

Answer = tuple[int, dict[str, str], Any]


def install(settings: dict[str, Any]) -> None:
    """Put the runner in the place of the emulator's own."""
    part, folder = settings["jobs"], Path(settings["folder"])
    base = Base(Path(part["python"]), tuple(part["path"]), Path(part["cache"]))
    place = Place(
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
    runs = Runs(lambda job, run: Run(place, job, run, credentials(job["Role"], run["Id"])), part["at_once"])
    service = Service(runs)
    glue._start_job_run = service.start
    glue._batch_stop_job_run = service.stop
    glue._create_job = keeping_all(glue._create_job, "Name")
    glue._update_job = keeping_all(glue._update_job, "JobName")
    atexit.register(runs.end_all)  # no job outlives the service


def keeping_all(handler: Any, name: str) -> Any:
    """CreateJob and UpdateJob, which forget some of what they were told."""

    def kept(data: dict[str, Any]) -> Answer:
        answer = handler(data)
        told = data.get("JobUpdate", data)
        if answer[0] == 200:
            job = glue._jobs[data[name]]
            job.update({one: told[one] for one in _FORGOTTEN if one in told})
            if "Tags" in told:
                glue._tags[glue._arn("job", data[name])] = dict(told["Tags"])
        return answer

    return kept


class Service:
    """The API of job runs."""

    def __init__(self, runs: Runs) -> None:
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
        for one in data.get("JobRunIds", []):
            said = {"JobName": name, "JobRunId": one}
            if one not in by_id:
                why = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Job run not found"}
                errors.append({**said, "ErrorDetail": why})
            elif self._runs.stop(by_id[one]):
                stopped.append(said)
            else:
                why = {"ErrorCode": "InvalidInputException", "ErrorMessage": "The job run is over"}
                errors.append({**said, "ErrorDetail": why})
        return json_response({"SuccessfulSubmissions": stopped, "Errors": errors})


def new_run(job: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The record of a run, with the arguments that the script will get."""
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


def credentials(role: str, session: str) -> dict[str, str]:
    """Credentials of the job's role, as Glue takes them. Raises where the role is not there, or does not trust Glue."""
    name = role.rpartition("/")[2]
    known = iam._roles.get(name)
    if known is None or not _trusts_glue(known.get("AssumeRolePolicyDocument", "{}")):
        raise PermissionError(f"Role {role} should be given assume role permissions for Glue Service.")
    made = {
        "AccessKeyId": sts._gen_session_access_key(),
        "SecretAccessKey": sts._gen_secret(),
        "SessionToken": sts._gen_session_token(),
    }
    account = get_account_id()
    record = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/GlueJobRunnerSession-{session[:12]}",
        "UserId": f"{known.get('RoleId', '')}:GlueJobRunnerSession",
        "Expiration": time.time() + _SESSION_SECONDS,
        "AccountId": account,
        "PrincipalType": "AssumedRole",
        "SourceAccessKeyId": account,
        "SourcePrincipalArn": f"arn:aws:iam::{account}:root",
        "SessionTags": [],
        "SessionPolicies": None,
    }
    sts.register_session(made["AccessKeyId"], {**record, **made})
    return made


def _trusts_glue(policy: Any) -> bool:
    said = json.loads(policy) if isinstance(policy, str) else policy
    statements = said.get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        services = one.get("Principal", {}).get("Service", [])
        if one.get("Effect") == "Allow" and "glue.amazonaws.com" in (
            [services] if isinstance(services, str) else services
        ):
            return True
    return False
