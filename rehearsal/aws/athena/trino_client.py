"""A client of Trino's REST protocol: send one statement, read pages of rows until it ends, fails or is stopped."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

HIVE, ICEBERG = "awsdatacatalog", "iceberg"  # the catalogs, by the names that Athena and Trino give them
ENGINE_KEY = "AKIAREHEARSALENGINE0"  # the key that Trino signs with; it has no rights of its own
NO_NODE = "NO_NODES_AVAILABLE"  # on a busy machine Trino can lose sight of its only node; nothing has run then
NO_NODE_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Failed(Exception):
    """The statement failed; the text is `NAME: message` (or only the message), as in Athena."""

    def __init__(self, name: str, message: str, kind: str = "USER_ERROR", parsing: bool = False) -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.name, self.message, self.parsing = name, message, parsing
        self.category = 2 if kind == "USER_ERROR" else 1


class Stopped(Exception):
    """The statement was stopped; the text is the reason."""


@dataclass
class QueryProgress:
    """The progress of a statement; another thread may set `stop` to the reason why it must stop."""

    stop: str = ""
    scan_limit: int = 0
    scanned: int = 0
    milliseconds: dict[str, int] = field(default_factory=dict)

    def note(self, stats: Mapping[str, Any]) -> None:
        """Keep the figures, and stop a statement that reads more than it may."""
        self.scanned = max(self.scanned, int(stats.get("physicalInputBytes") or 0))
        self.milliseconds = {
            "queued": int(stats.get("queuedTimeMillis") or 0), "planning": int(stats.get("planningTimeMillis") or 0),
            "elapsed": int(stats.get("elapsedTimeMillis") or 0),
        }  # fmt: skip
        if self.scan_limit and self.scanned > self.scan_limit:
            self.stop = self.stop or "Bytes scanned limit was exceeded"


@dataclass
class Answer:
    """Columns as (name, type) and rows, every value as in Trino's JSON."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    updated: int | None = None


@dataclass(frozen=True)
class TrinoSession:
    """The user, database and settings with which a statement runs."""

    user: str
    database: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        """The same as Trino's headers."""
        settings = ",".join(f"{name}={quote(value)}" for name, value in self.settings.items())
        return {
            "X-Trino-User": self.user, "X-Trino-Source": "athena", "X-Trino-Catalog": HIVE,
            "X-Trino-Schema": self.database, "X-Trino-Time-Zone": "UTC",
            "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME", **({"X-Trino-Session": settings} if settings else {}),
        }  # fmt: skip


def check_syntax(address: str, sql: str, session: TrinoSession) -> None:
    """Raise `Failed` when the statement cannot be parsed; no table is looked up and nothing runs."""
    try:
        run(address, f"PREPARE athena FROM\n{sql}", session, QueryProgress())
    except Failed as problem:
        if problem.parsing:
            text = re.sub(r"\bline (\d+):", lambda match: f"line {int(match[1]) - 1}:", problem.message)
            raise Failed("MALFORMED_QUERY", text, parsing=True) from problem


def run(
    address: str, sql: str, session: TrinoSession, progress: QueryProgress, started: Callable[[], None] = lambda: None
) -> Answer:
    """Run a statement to its end; `started` is called once, when the statement leaves the queue.

    A statement that found no node is sent again after a pause: Athena always has one.
    """
    begun: list[bool] = []

    def leaves_the_queue() -> None:
        if not begun:
            begun.append(True)
            started()

    for pause in NO_NODE_PAUSES:
        try:
            return _run_once(address, sql, session, progress, leaves_the_queue)
        except Failed as problem:
            if problem.name != NO_NODE:
                raise
            time.sleep(pause)
    return _run_once(address, sql, session, progress, leaves_the_queue)


def _run_once(
    address: str, sql: str, session: TrinoSession, progress: QueryProgress, started: Callable[[], None]
) -> Answer:
    answer = Answer()
    if progress.stop:
        raise Stopped(progress.stop)
    page = _ask("POST", f"{address}/v1/statement", session.headers(), sql.encode())
    while True:
        progress.note(page.get("stats", {}))
        if progress.stop:
            _cancel(page)
            raise Stopped(progress.stop)
        _take(page, answer)
        if page.get("stats", {}).get("state") != "QUEUED":
            started()
        if "nextUri" not in page:
            return answer
        page = _ask("GET", page["nextUri"], {}, None)


def _take(page: Mapping[str, Any], answer: Answer) -> None:
    if "error" in page:
        error = page["error"]
        failure = error.get("failureInfo") or {}
        denied = _denied(failure)
        if denied:
            raise Failed("", f"Insufficient permissions to execute the query. {denied}")
        parsing = "ParsingException" in str(failure.get("type", ""))
        raise Failed(error["errorName"], error.get("message", ""), error.get("errorType", ""), parsing)
    if not answer.columns and page.get("columns"):
        answer.columns = [(column["name"], column["type"]) for column in page["columns"]]
    answer.rows.extend(page.get("data") or [])
    if page.get("updateCount") is not None:
        answer.updated = int(page["updateCount"])


def _denied(failure: Mapping[str, Any] | None) -> str:
    """The message of AWS's refusal, when one is among the causes; else empty."""
    while failure:
        message = str(failure.get("message", ""))
        if "not authorized to perform" in message or "Status Code: 403" in message:
            return message
        failure = failure.get("cause")
    return ""


def _cancel(page: Mapping[str, Any]) -> None:
    """Tell Trino to give the statement up."""
    if "nextUri" in page:
        _ask("DELETE", page["nextUri"], {}, None)


def _ask(method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """One request; a Trino that is too busy to answer is asked again, as its protocol requires."""
    request = urllib.request.Request(address, data=body, method=method, headers=dict(headers))
    for pause in (0.05, 0.1, 0.2, 0.5, 1.0, 0.0):
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as problem:
            if problem.code not in (429, 502, 503, 504) or not pause:
                raise Failed("GENERIC_INTERNAL_ERROR", f"Trino answered {problem.code}", "INTERNAL_ERROR") from problem
            time.sleep(pause)
        except OSError as problem:
            raise Failed(
                "GENERIC_INTERNAL_ERROR", f"Trino cannot be reached ({problem})", "INTERNAL_ERROR"
            ) from problem
    raise AssertionError("the last attempt has no pause")
