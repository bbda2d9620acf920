"""The resource that each call is judged on, as AWS names it, where the emulator names another or none.

- Glue catalog: AWS looks for the permission on the table, its database and the catalog; here the most specific one is
  judged. The emulator judges a call on a table by its database, and one on a database by a table of that name.
- Crawlers: the crawler. The emulator names a table.
- Athena queries: the query's workgroup. The emulator names nothing.
- Log streams: the stream. The emulator names its group, which policies written for AWS (`log-group:<name>:*`) do not
  cover.
- Tags: what has the tags. The emulator names `*`, or for Glue the catalog.
- Rules of the default bus have no bus in their ARN; a schedule has its group; an alias stands for its key; dashboards,
  alarms and budgets have ARNs too, and budgets one action to read and one to write. (A look at one mapping of a
  function's queue is `lambda:GetEventSourceMapping`; the emulator asks for the list.)

Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, unquote_plus

from ministack.core import iam_actions
from ministack.services import athena, kms

_TAGS = ("ListTagsForResource", "TagResource", "UntagResource", "GetTags", "ListTags")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s\"&?]+")
_MAPPING = re.compile(r"/2015-03-31/event-source-mappings/[0-9a-f-]{36}/?")
_OF_MAPPINGS = {"GET": "GetEventSourceMapping", "PUT": "UpdateEventSourceMapping", "DELETE": "DeleteEventSourceMapping"}
_SERVICES = ("glue", "athena", "logs")  # the bodies of all others, such as a file for S3, are not read
_ON_DATABASES = ("CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase")
_ON_MANY_TABLES = ("GetTables", "SearchTables", "BatchDeleteTable")
_ON_CRAWLERS = ("DeleteCrawler", "GetCrawler", "StartCrawler", "StopCrawler", "UpdateCrawler")
_TAGGED = (
    "athena",
    "budgets",
    "events",
    "glue",
    "lambda",
    "logs",
    "monitoring",
    "scheduler",
    "sns",
    "states",
    "stepfunctions",
)
_PREFIXES = {"monitoring": "cloudwatch"}
_GLOBAL = ("budgets",)
_FORM = 100_000  # characters of a form that are searched
_ON_STREAMS = ("CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream")

Json = dict[str, Any]


def install(_: dict[str, Any]) -> None:
    """Put the exact resource in the place of the emulator's; a second call changes nothing."""
    inner = iam_actions.extract_resource_arn
    if getattr(inner, "is_exact", False):
        return

    def exact(
        service: str, method: str, path: str, headers: Any, body: Any, query: Any, region: str, account: str
    ) -> str:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service in _SERVICES and (resource := _resource(service, action, _json(body))):
            return f"arn:aws:{service}:{region}:{account}:{resource}"
        if service in _TAGGED and (tagged := _tagged(path, headers, body)):
            return tagged
        if named := _by_name(service, path, query, _json(body), body):
            where = "" if service in _GLOBAL or ":dashboard/" in f":{named}" else region
            return f"arn:aws:{_PREFIXES.get(service, service)}:{where}:{account}:{named}"
        return _corrected(inner(service, method, path, headers, body, query, region, account))

    action_of = iam_actions.extract_iam_action

    def exact_action(service: str, method: str, path: str, *given: Any) -> Any:
        if service == "lambda" and _MAPPING.fullmatch(path):
            return f"lambda:{_OF_MAPPINGS.get(method, 'GetEventSourceMapping')}"
        action = action_of(service, method, path, *given)
        prefix, _, operation = (action or "").partition(":")
        if prefix == "budgets" and operation not in _TAGS:
            return "budgets:ViewBudget" if operation.startswith("Describe") else "budgets:ModifyBudget"
        return action

    iam_actions.extract_iam_action = exact_action

    vars(exact)["is_exact"] = True
    iam_actions.extract_resource_arn = exact


def _tagged(path: str, headers: Any, body: Any) -> str:
    """The ARN in a call about tags; empty in any other call."""
    text = body.decode("latin-1") if isinstance(body, bytes) else str(body or "")
    action = headers.get("x-amz-target", "").rpartition(".")[2] or _parameter(body, "Action")
    if action not in _TAGS and not re.search(r"/tags/arn(:|%3A)", path, re.IGNORECASE):
        return ""
    found = _ARN.search(unquote(path)) or _ARN.search(unquote_plus(text))
    return found[0] if found else ""


def _parameter(body: Any, name: str) -> str:
    """A parameter of a form; empty without it."""
    text = body.decode("latin-1") if isinstance(body, bytes) else str(body or "")
    return parse_qs(text).get(name, [""])[0] if f"{name}=" in text[:_FORM] else ""


def _by_name(service: str, path: str, query: Any, data: Json, body: Any) -> str:
    """The last part of the ARN of a rule, schedule, alarm, dashboard or budget that a call names; empty for others."""
    if service == "events" and (rule := data.get("Rule")):
        return f"rule/{rule}"
    if service == "scheduler" and (schedule := re.fullmatch(r"/schedules/([^/]+)", path)):
        group = data.get("GroupName") or _first(query, "groupName") or "default"
        return f"schedule/{group}/{unquote(schedule[1])}"
    if service == "budgets":
        return f"budget/{data.get('BudgetName') or data.get('Budget', {}).get('BudgetName', '')}"
    if service == "monitoring":
        dashboard, alarm = (_parameter(body, name) for name in ("DashboardName", "AlarmName"))
        alarm = alarm or _parameter(body, "AlarmNames.member.1")
        return f"dashboard/{dashboard}" if dashboard else f"alarm:{alarm}" if alarm else ""
    return ""


def _first(query: Any, name: str) -> str:
    value = (query or {}).get(name, "")
    return value[0] if isinstance(value, list) else value


def _corrected(resource: str) -> str:
    if ":rule/default/" in resource:
        return resource.replace(":rule/default/", ":rule/")
    if ":alias/" in resource and (key := kms._resolve_key(resource)):
        return key["Arn"]
    return resource


def _json(body: Any) -> Json:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _resource(service: str, action: str, data: Json) -> str:
    """The last part of the ARN; empty where the emulator's own answer is right."""
    if service == "glue":
        return f"crawler/{data.get('Name', '')}" if action in _ON_CRAWLERS else _of_catalog(action, data)
    if service == "athena" and not data.get("WorkGroup"):
        group = _workgroup(data)
        return f"workgroup/{group}" if group else ""
    if service == "logs" and action in _ON_STREAMS and data.get("logGroupName"):
        stream = "" if action == "CreateLogStream" else data.get("logStreamName", "")
        return f"log-group:{data['logGroupName']}:log-stream:{stream}"
    return ""


def _of_catalog(action: str, data: Json) -> str:
    """`database/…` or `table/…/…` of a call that names one; empty for every other call."""
    if action in _ON_DATABASES:
        name = data.get("Name") or data.get("DatabaseInput", {}).get("Name")
        return f"database/{name}" if name else ""
    database = data.get("DatabaseName")
    if not database:
        return ""
    table = data.get("TableName") or data.get("TableInput", {}).get("Name") or data.get("Name")
    return f"table/{database}/{table}" if table and action not in _ON_MANY_TABLES else f"database/{database}"


def _workgroup(data: Json) -> str:
    """The workgroup of the query or the saved queries that a call names; empty where they are not known."""
    named = [data.get("NamedQueryId"), *data.get("NamedQueryIds", [])]
    known = [athena._executions.get(data.get("QueryExecutionId"))]
    known += [athena._named_queries.get(query) for query in named]
    groups = {query.get("WorkGroup", "") for query in known if query}
    return groups.pop() if len(groups) == 1 else ""
