"""A small account for tests of the adapters: a role, a bucket, jobs with scripts of a few lines, machines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.emulator import ACCOUNT, REGION, Service

BUCKET = "code"
ROLE = "job"
GROUPS = "/test/glue"
ALLOWED = [
    {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"arn:aws:s3:::{BUCKET}/*"]},
    {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::out/*"]},
    {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUPS}/{name}:*" for name in ("output", "error")],
    },
]


class Account:
    """What the tests put into the emulator and ask of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.glue, self.s3 = service.client("glue"), service.client("s3")
        self.sfn, self.iam, self.logs = service.client("stepfunctions"), service.client("iam"), service.client("logs")
        for bucket in (BUCKET, "out"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for name in ("output", "error"):
            self.logs.create_log_group(logGroupName=f"{GROUPS}/{name}")
        self.role(ROLE, "glue.amazonaws.com", ALLOWED)
        self.role("machine", "states.amazonaws.com", [])

    def role(self, name: str, service: str, statements: list[dict[str, Any]]) -> None:
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy([trust]))
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy(statements))

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
        patiently(lambda: self.run(name, run)["JobRunState"] not in ("STARTING", "RUNNING", "WAITING", "STOPPING"))
        return self.run(name, run)

    def machine(self, name: str, state: Mapping[str, Any]) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": "One", "States": {"One": {"End": True, **state}}}
        return self.sfn.create_state_machine(
            name=name, roleArn=f"arn:aws:iam::{ACCOUNT}:role/machine", definition=json.dumps(definition)
        )["stateMachineArn"]

    def execution(self, machine: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        arn = self.sfn.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
        patiently(lambda: self.sfn.describe_execution(executionArn=arn)["status"] != "RUNNING")
        return self.sfn.describe_execution(executionArn=arn)

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.service.calls.read_text().splitlines()]


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def patiently(look: Callable[[], object], seconds: float = 120) -> None:
    """Look until it is so; fail when it never is."""
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)
