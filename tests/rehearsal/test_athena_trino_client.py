"""The client of Trino's protocol, against a server with prepared answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from rehearsal.aws.athena import trino_client
from rehearsal.aws.athena.trino_client import Failed, QueryProgress, TrinoSession, run

NO_NODE = {"error": {"errorName": "NO_NODES_AVAILABLE", "message": "No nodes", "errorType": "INTERNAL_ERROR"}}
ONE_ROW = {"columns": [{"name": "n", "type": "integer"}], "data": [[1]], "stats": {"state": "FINISHED"}}
SESSION = TrinoSession("someone", "db")


@contextmanager
def answering(*pages: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that gives these pages in turn (the last one for ever), and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps(pages[min(len(asked), len(pages)) - 1]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trino_client, "NO_NODE_PAUSES", (0.0, 0.0))


def test_a_statement_that_found_no_node_is_sent_again_and_starts_once() -> None:
    started: list[str] = []
    with answering(NO_NODE, NO_NODE, ONE_ROW) as (address, asked):
        answer = run(address, "SELECT 1", SESSION, QueryProgress(), lambda: started.append("now"))
    assert (answer.rows, asked, started) == ([[1]], ["SELECT 1"] * 3, ["now"])


def test_a_server_that_never_has_a_node_is_an_error() -> None:
    with answering(NO_NODE) as (address, asked), pytest.raises(Failed, match="NO_NODES_AVAILABLE: No nodes"):
        run(address, "SELECT 1", SESSION, QueryProgress())
    assert len(asked) == 3


def test_any_other_error_is_final() -> None:
    wrong = {"error": {"errorName": "TABLE_NOT_FOUND", "message": "no t", "errorType": "USER_ERROR"}}
    with answering(wrong, ONE_ROW) as (address, asked), pytest.raises(Failed, match="TABLE_NOT_FOUND"):
        run(address, "SELECT * FROM t", SESSION, QueryProgress())
    assert len(asked) == 1
