"""The resource that each call is judged on, as AWS names it, where the emulator names another or none.

- Glue catalog: AWS looks for the permission on the table, its database and the catalog; here the most specific one is
  judged. The emulator judges a call on a table by its database, and one on a database by a table of that name.
- Crawlers: the crawler. The emulator names a table.
- Athena queries: the query's workgroup. The emulator names nothing.
- Log streams: the stream. The emulator names its group, which policies written for AWS (`log-group:<name>:*`) do not
  cover.

Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import athena

_SERVICES = ("glue", "athena", "logs")  # the bodies of all others, such as a file for S3, are not read
_ON_DATABASES = ("CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase")
_ON_MANY_TABLES = ("GetTables", "SearchTables", "BatchDeleteTable")
_ON_CRAWLERS = ("GetCrawler", "StartCrawler", "StopCrawler")
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
        return inner(service, method, path, headers, body, query, region, account)

    vars(exact)["is_exact"] = True
    iam_actions.extract_resource_arn = exact


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
