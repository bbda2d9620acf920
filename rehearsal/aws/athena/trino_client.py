"""Trino's REST protocol: one statement in, pages of rows out, until it ends, fails or is told to stop."""

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

HIVE = "awsdatacatalog"
ENGINE_KEY = "AKIAREHEARSALENGINE0"  # what Trino signs with: never a right of its own


class Failed(Exception):
    """The statement failed; the text is `NAME: message` (or only the message), as Athena words it."""

    def __init__(self, name: str, message: str, kind: str = "USER_ERROR", parsing: bool = False) -> None:
        super().__init__(f"{name}: {message}" if name else message)
        self.message, self.parsing = message, parsing
        self.category = 2 if kind == "USER_ERROR" else 1


class Stopped(Exception):
    """The statement was told to stop; the text says why."""


@dataclass
class Progress:
    """What is known of a running statement; `stop` may be set from another thread, and says why."""

    stop: str = ""
    scan_limit: int = 0
    scanned: int = 0
    milliseconds: dict[str, int] = field(default_factory=dict)

    def note(self, stats: Mapping[str, Any]) -> None:
        """Keep the figures, and stop what reads more than it may."""
        self.scanned = max(self.scanned, int(stats.get("physicalInputBytes") or 0))
        self.milliseconds = {
            "queued": int(stats.get("queuedTimeMillis") or 0), "planning": int(stats.get("planningTimeMillis") or 0),
            "elapsed": int(stats.get("elapsedTimeMillis") or 0),
        }  # fmt: skip
        if self.scan_limit and self.scanned > self.scan_limit:
            self.stop = self.stop or "Bytes scanned limit was exceeded"


@dataclass
class Answer:
    """Columns as (name, type) and the rows, every value as Trino's JSON has it."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    updated: int | None = None


@dataclass(frozen=True)
class Session:
    """As whom, in which database and with which settings a statement runs."""

    user: str
    database: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def headers(self) -> dict[str, str]:
        """The same in Trino's words."""
        said = ",".join(f"{name}={quote(value)}" for name, value in self.settings.items())
        return {
            "X-Trino-User": self.user, "X-Trino-Source": "athena", "X-Trino-Catalog": HIVE,
            "X-Trino-Schema": self.database, "X-Trino-Time-Zone": "UTC",
            "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME", **({"X-Trino-Session": said} if said else {}),
        }  # fmt: skip


def check_syntax(address: str, sql: str, session: Session) -> None:
    """Raise `Failed` when the statement cannot be read. Nothing is looked up and nothing runs."""
    try:
        run(address, f"PREPARE athena FROM\n{sql}", session, Progress())
    except Failed as problem:
        if problem.parsing:
            text = re.sub(r"\bline (\d+):", lambda found: f"line {int(found[1]) - 1}:", problem.message)
            raise Failed("MALFORMED_QUERY", text, parsing=True) from problem


def run(
    address: str, sql: str, session: Session, progress: Progress, started: Callable[[], None] = lambda: None
) -> Answer:
    """Run a statement to its end; `started` is called once, when it no longer waits in a queue."""
    answer, begun = Answer(), False
    if progress.stop:
        raise Stopped(progress.stop)
    page = _ask("POST", f"{address}/v1/statement", session.headers(), sql.encode())
    while True:
        progress.note(page.get("stats", {}))
        if progress.stop:
            _leave(page)
            raise Stopped(progress.stop)
        _take(page, answer)
        if not begun and page.get("stats", {}).get("state") != "QUEUED":
            begun = True
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
    """What AWS refused, when that is the cause anywhere below."""
    while failure:
        said = str(failure.get("message", ""))
        if "not authorized to perform" in said or "Status Code: 403" in said:
            return said
        failure = failure.get("cause")
    return ""


def _leave(page: Mapping[str, Any]) -> None:
    """Tell Trino that nobody waits any longer."""
    if "nextUri" in page:
        _ask("DELETE", page["nextUri"], {}, None)


def _ask(method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """One exchange; a Trino that is too busy to answer is asked again, as its protocol wants."""
    request = urllib.request.Request(address, data=body, method=method, headers=dict(headers))
    for patience in (0.05, 0.1, 0.2, 0.5, 1.0, 0.0):
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as problem:
            if problem.code not in (429, 502, 503, 504) or not patience:
                raise Failed("GENERIC_INTERNAL_ERROR", f"Trino answered {problem.code}", "INTERNAL_ERROR") from problem
            time.sleep(patience)
        except OSError as problem:
            raise Failed("GENERIC_INTERNAL_ERROR", f"Trino is not there ({problem})", "INTERNAL_ERROR") from problem
    raise AssertionError("the last attempt has no patience")
