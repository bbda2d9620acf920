"""On which resource calls on streams of logs, crawlers and queries are held against a policy, as AWS names it.

For a stream the emulator names its group, which policies written for AWS (`log-group:<name>:*`) do not cover; for a
crawler it names a table; for a query it names nothing, where AWS names the query's workgroup.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import athena

_OF_CRAWLERS = ("GetCrawler", "StartCrawler", "StopCrawler")
_OF_STREAMS = ("CreateLogStream", "PutLogEvents", "GetLogEvents", "DeleteLogStream")


def install(settings: dict[str, Any]) -> None:
    """Put the stream in the place of the group."""
    inner = iam_actions.extract_resource_arn

    def exact(service: str, method: str, path: str, headers: Any, body: Any, *more: Any) -> str:
        found = inner(service, method, path, headers, body, *more)
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if service == "glue" and action in _OF_CRAWLERS:
            return f"{found.partition(':table/')[0].partition(':catalog')[0]}:crawler/{_said(body, 'Name')}"
        if service == "athena" and found == "*" and (group := _workgroup(body)):
            return f"arn:aws:athena:{more[-2]}:{more[-1]}:workgroup/{group}"
        if service != "logs" or action not in _OF_STREAMS or ":log-stream:" in found:
            return found
        stream = "" if action == "CreateLogStream" else _said(body, "logStreamName")
        return f"{found.removesuffix(':*')}:log-stream:{stream}"

    vars(exact).update(vars(inner))
    iam_actions.extract_resource_arn = exact


def _workgroup(body: Any) -> str:
    """The workgroup of the query, or of the saved queries, that a call names; empty where they are not known."""
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return ""
    known = [athena._executions.get(data.get("QueryExecutionId"))]
    known += [athena._named_queries.get(one) for one in [data.get("NamedQueryId"), *data.get("NamedQueryIds", [])]]
    groups = {one.get("WorkGroup", "") for one in known if one}
    return groups.pop() if len(groups) == 1 else ""


def _said(body: Any, name: str) -> str:
    try:
        return str(json.loads(body or b"{}").get(name, ""))
    except ValueError:
        return ""
