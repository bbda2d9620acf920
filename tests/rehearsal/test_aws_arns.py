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
    ("athena", "ListTagsForResource", {"ResourceARN": f"{ATHENA}workgroup/w"}, f"{ATHENA}workgroup/w"),
    ("glue", "GetTags", {"ResourceArn": f"{GLUE}database/d"}, f"{GLUE}database/d"),
    ("events", "DescribeRule", {"Name": "r"}, "arn:aws:events:eu-west-1:1:rule/r"),
    ("events", "ListTargetsByRule", {"Rule": "r"}, "arn:aws:events:eu-west-1:1:rule/r"),
    ("budgets", "DescribeBudget", {"BudgetName": "b"}, "arn:aws:budgets::1:budget/b"),
]
PATHS = [
    ("scheduler", "/schedules/s", {"groupName": ["g"]}, "", "arn:aws:scheduler:eu-west-1:1:schedule/g/s"),
    (
        "scheduler",
        "/tags/arn%3Aaws%3Ascheduler%3Aeu-west-1%3A1%3Aschedule-group%2Fg",
        {},
        "",
        "arn:aws:scheduler:eu-west-1:1:schedule-group/g",
    ),
    (
        "sns",
        "/",
        {},
        "Action=ListTagsForResource&ResourceArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3At",
        "arn:aws:sns:eu-west-1:1:t",
    ),
    ("monitoring", "/", {}, "Action=GetDashboard&DashboardName=d", "arn:aws:cloudwatch::1:dashboard/d"),
    ("monitoring", "/", {}, "Action=DescribeAlarms&AlarmNames.member.1=a", "arn:aws:cloudwatch:eu-west-1:1:alarm:a"),
]
ACTIONS = [
    (
        "lambda",
        "GET",
        "/2015-03-31/event-source-mappings/a0afcdfd-9aad-4381-aad3-c6c402a55f6e",
        "",
        "lambda:GetEventSourceMapping",
    ),
    ("lambda", "GET", "/2015-03-31/event-source-mappings", "", "lambda:ListEventSourceMappings"),
    ("budgets", "POST", "/", "DescribeBudget", "budgets:ViewBudget"),
    ("budgets", "POST", "/", "CreateNotification", "budgets:ModifyBudget"),
    ("budgets", "POST", "/", "ListTagsForResource", "budgets:ListTagsForResource"),
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
for service, path, query, body, _ in json.loads(sys.argv[2]):
    print(iam_actions.extract_resource_arn(service, "POST", path, {}, body.encode(), query, "eu-west-1", "1"))
for service, method, path, action, _ in json.loads(sys.argv[3]):
    headers = {"x-amz-target": f"AWSBudgetServiceGateway.{action}"} if action else {}
    print(iam_actions.extract_iam_action(service, method, path, headers, b"{}", {}))
"""


def test_each_call_is_judged_on_the_resource_and_action_that_aws_names() -> None:
    given = [[case[:3] for case in CASES], PATHS, ACTIONS]
    command, env = [ministack(), "-c", LOOK, *map(json.dumps, given)], {"PYTHONPATH": str(needs.ROOT)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    every: list[tuple[Any, ...]] = [*CASES, *PATHS, *ACTIONS]
    expected = {str(case[:-1]): case[-1] for case in every}
    assert dict(zip(expected, done.stdout.splitlines()[-len(expected) :], strict=True)) == expected
