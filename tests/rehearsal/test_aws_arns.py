"""The resource that a call is judged on, as AWS names it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

import needs
from rehearsal.emulator import ministack

pytestmark = pytest.mark.needs("ministack")

GLUE, ATHENA, LOGS = "arn:aws:glue:eu-west-1:1:", "arn:aws:athena:eu-west-1:1:", "arn:aws:logs:eu-west-1:1:"
CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("glue", "GetTable", {"DatabaseName": "d", "Name": "t"}, f"{GLUE}table/d/t"),
    ("glue", "CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t"}}, f"{GLUE}table/d/t"),
    ("glue", "GetPartitions", {"DatabaseName": "d", "TableName": "t"}, f"{GLUE}table/d/t"),
    ("glue", "GetTables", {"DatabaseName": "d"}, f"{GLUE}database/d"),
    ("glue", "GetDatabase", {"Name": "d"}, f"{GLUE}database/d"),
    ("glue", "StartCrawler", {"Name": "c"}, f"{GLUE}crawler/c"),
    ("glue", "StartJobRun", {"JobName": "j"}, f"{GLUE}job/j"),  # the emulator's own answer
    ("glue", "GetJobs", {}, f"{GLUE}catalog"),
    ("athena", "GetQueryExecution", {"QueryExecutionId": "q"}, f"{ATHENA}workgroup/group"),
    ("athena", "BatchGetNamedQuery", {"NamedQueryIds": ["n"]}, f"{ATHENA}workgroup/group"),
    ("athena", "StartQueryExecution", {"WorkGroup": "w"}, f"{ATHENA}workgroup/w"),
    ("athena", "GetQueryExecution", {"QueryExecutionId": "unknown"}, "*"),
    ("logs", "CreateLogStream", {"logGroupName": "g", "logStreamName": "s"}, f"{LOGS}log-group:g:log-stream:"),
    ("logs", "PutLogEvents", {"logGroupName": "g", "logStreamName": "s"}, f"{LOGS}log-group:g:log-stream:s"),
    ("logs", "CreateLogGroup", {"logGroupName": "g"}, f"{LOGS}log-group:g"),
]
LOOK = """\
import json, sys
from ministack.core import iam_actions
from ministack.services import athena
from rehearsal.aws import arns
athena._executions["q"] = athena._named_queries["n"] = {"WorkGroup": "group"}
arns.install({})
arns.install({})  # a second time, as when two adapters need it
for service, action, body in json.loads(sys.argv[1]):
    headers, text = {"x-amz-target": f"Target.{action}"}, json.dumps(body).encode()
    print(iam_actions.extract_resource_arn(service, "POST", "/", headers, text, {}, "eu-west-1", "1"))
"""


def test_each_call_is_judged_on_the_resource_that_aws_names() -> None:
    calls = json.dumps([case[:3] for case in CASES])
    command, env = [ministack(), "-c", LOOK, calls], {"PYTHONPATH": str(needs.ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    expected = {f"{service}:{action} {body}": arn for service, action, body, arn in CASES}
    assert dict(zip(expected, done.stdout.splitlines()[-len(CASES) :], strict=True)) == expected
