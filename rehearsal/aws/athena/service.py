"""Athena on Trino: queries really run, results lie where the API says, and what Athena refuses is refused.

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

from ministack.core.responses import get_account_id, json_response
from ministack.services import athena as emulated
from ministack.services import glue

from rehearsal.aws import credentials, glue_arns
from rehearsal.aws.athena import results as athena_results
from rehearsal.aws.athena import statement as athena_sql
from rehearsal.aws.athena import trino_client as athena_engine
from rehearsal.aws.athena.callers import Turns, answer_to_callers
from rehearsal.aws.athena.query_execution import Run

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
    """Put Athena in front of the emulator's; `settings["trino"]` is the engine's address."""
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
            return credentials.refused("InvalidRequestException", str(problem), problem.code)

    emulated.handle_request = handle
    glue_arns.install(settings)
    answer_to_callers(adapter.turns, settings["account"])
    no_empty_descriptions()


def no_empty_descriptions() -> None:
    """Keep the catalog from giving every table an empty description: Glue gives none, and a view with one is no view
    to Trino's Hive connector."""
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
        self._running: dict[str, Run] = {}
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
            asked = (get_account_id(), str(data.get("ClientRequestToken") or uuid.uuid4()))
            known = self._tokens.get(asked)
            if known is None:
                run = self._submit(data, headers)
                self._tokens[asked] = (run.id, data.get("QueryString", ""))
                return {"QueryExecutionId": run.id}
        if known[1] != data.get("QueryString", ""):
            raise Refused("Idempotent parameters do not match")
        return {"QueryExecutionId": known[0]}

    def _submit(self, data: Request, headers: Mapping[str, str]) -> Run:
        run = Run(str(uuid.uuid4()), self._settings, self._caller(headers), self.turns)
        group = self._workgroup(str(data.get("WorkGroup") or "primary"))
        run.place(group, data.get("ResultConfiguration") or {})
        if not run.results:
            raise Refused(NO_LOCATION)
        self._read(run, data)
        run.look_for_bucket(Refused)
        emulated._executions[run.id] = run.execution
        self._running[run.id] = run
        context = contextvars.copy_context()
        threading.Thread(target=lambda: context.run(run.to_the_end), name=f"athena {run.id}", daemon=True).start()
        return run

    def _caller(self, headers: Mapping[str, str]) -> credentials.Credentials:
        """Who asked; a state machine asks from inside, in the name of its role."""
        from rehearsal.aws.recording import acting

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

    def _read(self, run: Run, data: Request) -> None:
        context = data.get("QueryExecutionContext") or {}
        if str(context.get("Catalog") or athena_sql.HIVE).lower() != athena_sql.HIVE:
            raise Refused(f"The rehearsal serves the catalog AwsDataCatalog only, not {context['Catalog']}.")
        if data.get("ExecutionParameters"):
            raise Refused("The rehearsal does not serve ExecutionParameters.")
        try:
            run.read(data.get("QueryString", ""), str(context.get("Database") or "default"))
        except athena_sql.NotTaken as problem:
            raise Refused(str(problem), problem.code) from problem
        except athena_engine.Failed as problem:
            raise Refused(problem.message, "MALFORMED_QUERY") from problem

    def _found(self, data: Request) -> Request:
        name = data.get("QueryExecutionId")
        execution = emulated._executions.get(name)
        if execution is None:
            raise Refused(f"QueryExecution {name} was not found")
        return execution

    def _get(self, data: Request, _: Mapping[str, str]) -> Request:
        return {"QueryExecution": emulated._execution_out(self._found(data))}

    def _stop(self, data: Request, _: Mapping[str, str]) -> Request:
        self._found(data)
        run = self._running.get(str(data["QueryExecutionId"]))
        if run is not None:
            run.stop()
        return {}

    def _results(self, data: Request, _: Mapping[str, str]) -> Request:
        execution = self._found(data)
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
