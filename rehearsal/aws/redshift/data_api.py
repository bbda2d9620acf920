"""The Redshift Data API's calls on PostgreSQL: a batch is one transaction, in a session of its own.

API: docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import base64
import io
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pg8000.native
from pg8000.exceptions import DatabaseError, InterfaceError

from rehearsal.aws.redshift.copying import Copy, Fetch, Target, parsed, rows_of
from rehearsal.aws.redshift.postgres import SUPERUSER
from rehearsal.aws.redshift.refusal import Refused
from rehearsal.aws.redshift.translate import DATABASE, Declared, translated

PAGE = 1_000  # rows of one answer
MOST_STATEMENTS, MOST_BYTES = 40, 100_000
ABORT_AFTER = "abort-after"  # a file in the server's folder: the session dies behind the statement that begins so
_COLUMNS = """SELECT a.attname, format_type(a.atttypid, NULL),
CASE WHEN a.atttypid = 'varchar'::regtype AND a.atttypmod > 0 THEN a.atttypmod - 4 ELSE 0 END
FROM pg_attribute a WHERE a.attrelid = CAST(:name AS regclass) AND a.attnum > 0
AND NOT a.attisdropped ORDER BY a.attnum"""
_KEYS = "CREATE TABLE IF NOT EXISTS public.redshift_keys (table_name text, columns text)"


class Invalid(Exception):
    """A call that the API answers with ValidationException."""


@dataclass
class Statement:
    """A statement or batch that was sent, and how it ended."""

    id: str
    status: str = "SUBMITTED"
    error: str = ""
    names: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    has_result: bool = False
    created: float = field(default_factory=time.time)


class DataApi:
    """The calls, by name. `fetch` reads what COPY names; `folder` is where faults are ordered."""

    def __init__(self, socket: str, fetch: Fetch, folder: Path, database: str = DATABASE) -> None:
        self._socket, self._fetch, self._folder, self._database = socket, fetch, folder, database
        self._statements = dict[str, Statement]()
        self.actions: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "ExecuteStatement": self.execute_statement,
            "BatchExecuteStatement": self.batch_execute_statement,
            "DescribeStatement": self.describe_statement,
            "GetStatementResult": self.get_statement_result,
        }
        with_keys = self._connect(None)
        with_keys.run(_KEYS)
        with_keys.run("GRANT SELECT, INSERT ON public.redshift_keys TO PUBLIC")
        with_keys.close()

    def execute_statement(self, request: dict[str, Any]) -> dict[str, Any]:
        """One statement, committed by itself."""
        return self._start([request["Sql"]], request)

    def batch_execute_statement(self, request: dict[str, Any]) -> dict[str, Any]:
        """Up to forty statements in one transaction."""
        if not 1 <= len(request["Sqls"]) <= MOST_STATEMENTS:
            raise Invalid(f"Member must have length between 1 and {MOST_STATEMENTS}")
        return self._start(request["Sqls"], request)

    def describe_statement(self, request: dict[str, Any]) -> dict[str, Any]:
        """How a statement ended."""
        statement = self._statement(request)
        answer = {"Id": statement.id, "Status": statement.status, "HasResultSet": statement.has_result,
                  "CreatedAt": statement.created, "ResultRows": len(statement.rows)}  # fmt: skip
        return {**answer, "Error": statement.error} if statement.error else answer

    def get_statement_result(self, request: dict[str, Any]) -> dict[str, Any]:
        """A page of rows."""
        statement = self._statement(request)
        if statement.status != "FINISHED" or not statement.has_result:
            raise Invalid("Query does not have result. Please check query status with DescribeStatement.")
        start = int(base64.b64decode(request["NextToken"])) if request.get("NextToken") else 0
        rows = statement.rows[start : start + PAGE]
        answer = {"Records": [[_value(value) for value in row] for row in rows], "TotalNumRows": len(statement.rows),
                  "ColumnMetadata": [{"name": name} for name in statement.names]}  # fmt: skip
        more = start + PAGE < len(statement.rows)
        return {**answer, "NextToken": base64.b64encode(str(start + PAGE).encode()).decode()} if more else answer

    def _statement(self, request: dict[str, Any]) -> Statement:
        if request.get("Id") not in self._statements:
            raise Invalid("Query does not exist.")
        return self._statements[request["Id"]]

    def _start(self, statements: list[str], request: dict[str, Any]) -> dict[str, Any]:
        if not (request.get("WorkgroupName") or request.get("ClusterIdentifier")):
            raise Invalid("Either ClusterIdentifier or WorkgroupName must be provided")
        if sum(len(sql.encode()) for sql in statements) > MOST_BYTES:
            raise Invalid("The SQL statement exceeds the maximum size of 100 KB")
        statement = Statement(str(uuid.uuid4()))
        self._statements[statement.id] = statement
        self._run(statement, statements, request.get("DbUser"))
        return {"Id": statement.id, "CreatedAt": statement.created, "Database": request.get("Database", "")}

    def _run(self, statement: Statement, statements: list[str], user: str | None) -> None:
        session = None
        try:
            session = self._connect(user)
            session.run("BEGIN")
            for sql in statements:
                self._one(session, sql, statement, in_block=len(statements) > 1)
                self._abort_if_ordered(session, sql)
            session.run("COMMIT")
            statement.status = "FINISHED"
        except (Refused, DatabaseError, InterfaceError, OSError) as error:
            statement.status, statement.error = "FAILED", _in_redshifts_words(error)
        finally:
            if session is not None:
                _close(session)

    def _one(self, session: pg8000.native.Connection, sql: str, statement: Statement, *, in_block: bool) -> None:
        copy = parsed(sql)
        if copy is not None:
            self._copy(session, copy)
            return
        how = translated(sql, in_block=in_block)
        if how.declared is not None:
            _declare(session, how.declared)
        if not how.sql:
            return
        rows = session.run(how.sql)
        statement.has_result = session.columns is not None and rows is not None
        statement.names = [column["name"] for column in session.columns or ()]
        statement.rows = list(rows or [])

    def _copy(self, session: pg8000.native.Connection, copy: Copy) -> None:
        columns = [Target(*row) for row in session.run(_COLUMNS, name=copy.table)]
        for content, rows in rows_of(copy, columns, self._fetch):
            if rows:
                session.run(f"COPY {copy.table} FROM STDIN WITH (FORMAT csv)", stream=io.BytesIO(content))

    def _abort_if_ordered(self, session: pg8000.native.Connection, sql: str) -> None:
        order = self._folder / ABORT_AFTER
        if order.is_file() and sql.lstrip().upper().startswith(order.read_text(encoding="utf-8").strip().upper()):
            order.unlink()
            session._usock.close()
            raise Refused("ERROR: Query cancelled: the session ended before its transaction was committed")

    def _connect(self, user: str | None) -> pg8000.native.Connection:
        session = pg8000.native.Connection(SUPERUSER, unix_sock=self._socket, database=self._database)
        session.run("SET TIME ZONE 'UTC'")
        if user:
            session.run(f'SET ROLE "{user}"')
        return session


def _declare(session: pg8000.native.Connection, declared: Declared) -> None:
    """Record a table's keys, and refuse a foreign key to a table that has no such key."""
    known = {(table, columns) for table, columns in session.run("SELECT table_name, columns FROM public.redshift_keys")}
    own = {(declared.table, ",".join(columns)) for columns in declared.unique}
    for table, columns in declared.refers_to:
        if (table, ",".join(columns)) not in known | own:
            raise Refused(f'ERROR: there is no unique constraint matching given keys for referenced table "{table}"')
    for table, columns in own - known:
        session.run("INSERT INTO public.redshift_keys VALUES (:table, :columns)", table=table, columns=columns)


def _in_redshifts_words(error: Exception) -> str:
    if not isinstance(error, DatabaseError) or not error.args or not isinstance(error.args[0], dict):
        return str(error)
    details = error.args[0]
    if details.get("C") == "23502":
        return f"ERROR: Cannot insert a NULL value into column {details.get('c')}"
    return f"ERROR: {details.get('M', error)}"


def _value(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list | dict):
        return {"stringValue": json.dumps(value, ensure_ascii=False)}
    return {"stringValue": format(value, "f") if isinstance(value, Decimal) else str(value)}


def _close(session: pg8000.native.Connection) -> None:
    try:
        session.close()
    except (InterfaceError, DatabaseError, OSError, ValueError):
        return  # the session ended before
