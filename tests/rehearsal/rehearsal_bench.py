"""A small account for tests of the adapters: a role, a bucket, jobs with scripts of a few lines, machines."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.account import ACCOUNT, REGION
from rehearsal.emulator import Emulator

BUCKET = "code"
ROLE = "job"
GROUPS = "/test/glue"
LOG_STREAMS = [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUPS}/{name}:*" for name in ("output", "error")]


def allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


WRITE = [
    allow(["s3:PutObject"], ["arn:aws:s3:::out/*"]),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], LOG_STREAMS),
]
ALLOWED = [allow(["s3:GetObject"], [f"arn:aws:s3:::{BUCKET}/*"]), *WRITE]


def policy(statements: list[dict[str, Any]]) -> str:
    """The document of a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make_role(iam: Any, name: str, principal: Mapping[str, str], statements: list[dict[str, Any]]) -> str:
    """Make a role that a principal may assume; returns its ARN."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy([trust]))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(statements))
    return made["Role"]["Arn"]


def recorded_calls(emulator: Emulator) -> list[dict[str, Any]]:
    """Every call that was recorded so far."""
    return [json.loads(line) for line in emulator.calls.read_text().splitlines()]


class AccountBench:
    """An account with a job's role, a machine's role, buckets and log groups, and short ways to use them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.glue, self.s3 = emulator.client("glue"), emulator.client("s3")
        self.sfn, self.iam, self.logs = (emulator.client(name) for name in ("stepfunctions", "iam", "logs"))
        for bucket in (BUCKET, "out"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for name in ("output", "error"):
            self.logs.create_log_group(logGroupName=f"{GROUPS}/{name}")
        self.role(ROLE, "glue.amazonaws.com", ALLOWED)
        self.role("machine", "states.amazonaws.com", [allow(["*"], ["*"])])

    def role(self, name: str, service: str, statements: list[dict[str, Any]]) -> str:
        return make_role(self.iam, name, {"Service": service}, statements)

    def job(self, name: str, script: str, arguments: Mapping[str, str] | None = None, **more: Any) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"{name}.py", Body=script.encode())
        self.glue.create_job(**{
            "Name": name,
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
            "GlueVersion": "5.1",
            "Command": {"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": f"s3://{BUCKET}/{name}.py"},
            "DefaultArguments": {"--custom-logGroup-prefix": GROUPS, **(arguments or {})},
            "Timeout": 5,
            **more,
        })  # fmt: skip

    def start(self, name: str, **arguments: str) -> str:
        given = {f"--{key}": text for key, text in arguments.items()}
        return self.glue.start_job_run(JobName=name, Arguments=given)["JobRunId"]

    def run(self, name: str, run: str) -> dict[str, Any]:
        return self.glue.get_job_run(JobName=name, RunId=run)["JobRun"]

    def ended(self, name: str, run: str) -> dict[str, Any]:
        await_true(lambda: self.run(name, run)["JobRunState"] not in ("STARTING", "RUNNING", "WAITING", "STOPPING"))
        return self.run(name, run)

    def machine(self, name: str, state: Mapping[str, Any]) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": "One", "States": {"One": {"End": True, **state}}}
        return self.sfn.create_state_machine(
            name=name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine", definition=json.dumps(definition)
        )["stateMachineArn"]

    def execution(self, machine: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        arn = self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
        await_true(lambda: self.sfn.describe_execution(executionArn=arn)["status"] != "RUNNING")
        return self.sfn.describe_execution(executionArn=arn)

    def calls(self) -> list[dict[str, Any]]:
        return recorded_calls(self.emulator)


def await_true(look: Callable[[], object], seconds: float = 120) -> None:
    """Look until the answer is true; fail when it is not in time."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, f"still not true after {seconds} seconds"
        time.sleep(0.1)


def listens(endpoint: str) -> bool:
    """Whether a process listens at an address of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(endpoint.rpartition(":")[2]))) == 0


def processes_at_home(folder: Path) -> list[int]:
    """The processes whose home is a run's folder: a job's Python, and all that it has started."""
    pids = list[int]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={folder}/jobs/".encode() in (process / "environ").read_bytes():
                pids.append(int(process.name))
        except OSError:
            continue
    return pids
