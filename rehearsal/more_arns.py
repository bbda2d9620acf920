"""On which resource calls on streams of logs and on crawlers are held against a policy, as AWS names it.

For a stream the emulator names its group, which policies written for AWS (`log-group:<name>:*`) do not cover; for a
crawler it names a table.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

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
        if service != "logs" or action not in _OF_STREAMS or ":log-stream:" in found:
            return found
        stream = "" if action == "CreateLogStream" else _said(body, "logStreamName")
        return f"{found.removesuffix(':*')}:log-stream:{stream}"

    vars(exact).update(vars(inner))
    iam_actions.extract_resource_arn = exact


def _said(body: Any, name: str) -> str:
    try:
        return str(json.loads(body or b"{}").get(name, ""))
    except ValueError:
        return ""
