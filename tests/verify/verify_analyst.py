"""Of the fake account: somebody who has taken the role of analysts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify_names import LAKE, NUMBER, RESULTS
from verify_stubs import Refuse

ROLE_ID = "AROA0000000000000000"
CALLS_OF_ATHENA: Mapping[str, Mapping[str, Any]] = {
    "ListDataCatalogs": {"DataCatalogsSummary": []},
    "ListWorkGroups": {"WorkGroups": []},
    "ListEngineVersions": {"EngineVersions": []},
    "GetDataCatalog": {"DataCatalog": {"Name": "AwsDataCatalog", "Type": "GLUE"}},
    "GetDatabase": {"Database": {"Name": "db"}},
    "ListDatabases": {"DatabaseList": []},
    "ListTableMetadata": {"TableMetadataList": []},
    "GetTableMetadata": {"TableMetadata": {"Name": "tbl_verify_probe"}},
    "ListNamedQueries": {"NamedQueryIds": ["11111111-1111-1111-1111-111111111111"]},
    "ListQueryExecutions": {"QueryExecutionIds": ["q0"]},
    "GetQueryRuntimeStatistics": {},
    "BatchGetQueryExecution": {"QueryExecutions": []},
}


class Analyst:
    """A session under the role of analysts, which may do what modules/access allows that role."""

    def __init__(self, account: Any, session: str) -> None:
        self.account, self.user = account, f"{ROLE_ID}:{session}"

    def answer(self, operation: str, params: Mapping[str, Any], service: str) -> Mapping[str, Any]:
        """Return the account's answer to an operation of this session, or refuse it."""
        refused = self._is_refused(operation, params)
        self.account.analyst_calls.append((service, operation, dict(params), refused, self.user))
        change = self.account.of_analyst.get(operation)
        if change is not None and (changed := change(params)) is not None:
            return changed
        if refused:
            raise Refuse("AccessDenied" if service == "s3" else "AccessDeniedException")
        if operation == "GetCallerIdentity":
            return {"UserId": self.user, "Account": NUMBER, "Arn": f"arn:aws:sts::{NUMBER}:assumed-role/x/y"}
        if operation in CALLS_OF_ATHENA:
            return CALLS_OF_ATHENA[operation]
        return getattr(self.account, operation)(**params)

    def _is_refused(self, operation: str, params: Mapping[str, Any]) -> bool:
        if operation == "GetObject":
            folders = (f"analysts/{self.user}/",) if params["Bucket"] == RESULTS else ("counts/", "latest/")
            return not params["Key"].startswith(folders)
        return operation == "GetQueryResults" and self.account.groups[params["QueryExecutionId"]] != LAKE
