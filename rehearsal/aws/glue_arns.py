"""On which resource a call of the catalog is held against a policy: the table or database that it names.

The emulator checks a call on a table against its database, and one on a database against a table of that name. AWS
looks for the permission on the table, its database and the catalog; here the most exact of them is looked for. Runs in
the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

_OF_DATABASES = ("CreateDatabase", "GetDatabase", "UpdateDatabase", "DeleteDatabase")
_OF_MANY = ("GetTables", "SearchTables", "BatchDeleteTable")


def install(_: dict[str, Any]) -> None:
    """Put the exact resource in the place of the emulator's, once."""
    inner = iam_actions.extract_resource_arn
    if getattr(inner, "is_exact", False):
        return

    def exact(
        service: str, method: str, path: str, headers: Any, body: Any, query: Any, region: str, account: str
    ) -> str:
        named = _resource(headers, body) if service == "glue" else ""
        if named:
            return f"arn:aws:glue:{region}:{account}:{named}"
        return inner(service, method, path, headers, body, query, region, account)

    vars(exact)["is_exact"] = True
    iam_actions.extract_resource_arn = exact


def _resource(headers: Any, body: Any) -> str:
    """`database/…` or `table/…/…` of a call that names one; empty for every other call."""
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return ""
    if action in _OF_DATABASES:
        name = data.get("Name") or data.get("DatabaseInput", {}).get("Name")
        return f"database/{name}" if name else ""
    database = data.get("DatabaseName")
    if not database:
        return ""
    table = data.get("TableName") or data.get("TableInput", {}).get("Name") or data.get("Name")
    return f"table/{database}/{table}" if table and action not in _OF_MANY else f"database/{database}"
