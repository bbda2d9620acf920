"""Athena on Trino: queries really run, results are written where the API says, and what Athena refuses is refused.

Workgroups, named queries and data catalogs stay the emulator's. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, json_response
from ministack.services import athena as emulated
from ministack.services import glue

from rehearsal.aws import arns, credentials
from rehearsal.aws.athena import results as athena_results
from rehearsal.aws.athena.callers import Turns, use_callers_keys
from rehearsal.aws.athena.query_execution import QueryExecution
from rehearsal.aws.athena.statement import NotAccepted
from rehearsal.aws.athena.trino_client import HIVE, Failed
from rehearsal.aws.recording import acting

Response = tuple[int, dict[str, str], bytes]
Request = dict[str, Any]

NO_LOCATION = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)


class Refused(Exception):
    """A call that Athena answers with InvalidRequestException."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def install(settings: dict[str, Any]) -> None:
    """Replace the emulator's own queries; `settings["trino"]` is the engine's address."""
    adapter = Athena(settings)
    inner = emulated.handle_request

    async def handle(method: str, path: str, headers: Any, body: Any, query: Any) -> Response:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action not in adapter.actions:
            return await inner(method, path, headers, body, query)
        emulated._ensure_default_workgroup()
        try:
            return json_response(await asyncio.to_thread(adapter.actions[action], json.loads(body or b"{}"), headers))
        except Refused as problem:
            code = {"AthenaErrorCode": problem.code} if problem.code else None
            return error_response_json("InvalidRequestException", str(problem), 400, code)

    emulated.handle_request = handle
    arns.install(settings)
    use_callers_keys(adapter.turns, settings["account"])
    drop_empty_descriptions()


def drop_empty_descriptions() -> None:
    """Remove the empty description that the emulator gives every table.

    Glue gives none, and Trino's Hive connector does not recognize a view that has one.
    """
    inner: Callable[[Request], Response] = glue._create_table

    def create(data: Request) -> Response:
        answer = inner(data)
        table = data.get("TableInput", {})
        if answer[0] == 200 and not table.get("Description"):
            glue._tables[f"{data['DatabaseName']}/{table['Name']}"].pop("Description", None)
        return answer

    glue._create_table = create


class Athena:
    """The API of queries."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self.turns = Turns(settings["account"])
        self._running: dict[str, QueryExecution] = {}
        self._tokens: dict[tuple[str, str], tuple[str, str]] = {}
        self._lock = threading.Lock()
        self.actions: dict[str, Callable[[Request, Mapping[str, str]], Any]] = {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._get,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
        }

    def _start(self, data: Request, headers: Mapping[str, str]) -> Request:
        with self._lock:
            token = (get_account_id(), str(data.get("ClientRequestToken") or uuid.uuid4()))
            known = self._tokens.get(token)
            if known is None:
                query = self._submit(data, headers)
                self._tokens[token] = (query.id, data.get("QueryString", ""))
                return {"QueryExecutionId": query.id}
        if known[1] != data.get("QueryString", ""):
            raise Refused("Idempotent parameters do not match")
        return {"QueryExecutionId": known[0]}

    def _submit(self, data: Request, headers: Mapping[str, str]) -> QueryExecution:
        query = QueryExecution(str(uuid.uuid4()), self._settings, self._caller(headers), self.turns)
        group = self._workgroup(str(data.get("WorkGroup") or "primary"))
        query.set_location(group, data.get("ResultConfiguration") or {})
        if not query.results:
            raise Refused(NO_LOCATION)
        self._read(query, data)
        query.must_have_bucket(Refused)
        emulated._executions[query.id] = query.record
        self._running[query.id] = query
        context = contextvars.copy_context()
        threading.Thread(target=lambda: context.run(query.run), name=f"athena {query.id}", daemon=True).start()
        return query

    def _caller(self, headers: Mapping[str, str]) -> credentials.Credentials:
        """The caller's key; a state machine calls from inside the emulator, in the name of its role."""
        if role := acting.get():
            return credentials.of_role(role, "athena")
        return credentials.of_request(headers, get_account_id()) or credentials.of_account(get_account_id())

    def _workgroup(self, name: str) -> Request:
        group = emulated._workgroups.get(name)
        if group is None:
            raise Refused(f"WorkGroup {name} is not found.")
        if group.get("State") == "DISABLED":
            raise Refused(f"WorkGroup {name} is disabled.")
        return group

    def _read(self, query: QueryExecution, data: Request) -> None:
        context = data.get("QueryExecutionContext") or {}
        if str(context.get("Catalog") or HIVE).lower() != HIVE:
            raise Refused(f"The rehearsal serves the catalog AwsDataCatalog only, not {context['Catalog']}.")
        if data.get("ExecutionParameters"):
            raise Refused("The rehearsal does not serve ExecutionParameters.")
        try:
            query.read(data.get("QueryString", ""), str(context.get("Database") or "default"))
        except NotAccepted as problem:
            raise Refused(str(problem), problem.code) from problem
        except Failed as problem:
            raise Refused(problem.message, "MALFORMED_QUERY") from problem

    def _execution(self, data: Request) -> Request:
        name = data.get("QueryExecutionId")
        execution = emulated._executions.get(name)
        if execution is None:
            raise Refused(f"QueryExecution {name} was not found")
        return execution

    def _get(self, data: Request, _: Mapping[str, str]) -> Request:
        return {"QueryExecution": emulated._execution_out(self._execution(data))}

    def _stop(self, data: Request, _: Mapping[str, str]) -> Request:
        self._execution(data)
        query = self._running.get(str(data["QueryExecutionId"]))
        if query is not None:
            query.stop()
        return {}

    def _results(self, data: Request, _: Mapping[str, str]) -> Request:
        execution = self._execution(data)
        state = execution["Status"]["State"]
        if state in ("QUEUED", "RUNNING"):
            raise Refused(f"Query has not yet finished. Current state: {state}")
        if state != "SUCCEEDED":
            raise Refused(f"Query did not finish successfully. Final query state: {state}")
        most = int(data.get("MaxResults") or athena_results.MOST_ROWS_PER_PAGE)
        if most > athena_results.MOST_ROWS_PER_PAGE:
            raise Refused(f"MaxResults is more than maximum allowed length {athena_results.MOST_ROWS_PER_PAGE}.")
        rows, following = athena_results.page(execution["_rows"], int(data.get("NextToken") or 0), most)
        answer: Request = {
            "UpdateCount": execution["_updated"],
            "ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": execution["_columns"]}},
        }
        return answer if following is None else {**answer, "NextToken": following}
