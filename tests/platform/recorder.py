"""A proxy on the loopback address in front of the emulator: it records each request, and passes it on.

It answers requests that the emulator does not support, so that Terraform continues and the request is recorded too.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from emulator import EmulatedAccount

# Answers by a part of the request's body. MiniStack 1.5.33 does not tag these providers.
PLAYED: Mapping[bytes, bytes] = {
    b"Action=TagOpenIDConnectProvider": b"<TagOpenIDConnectProviderResponse/>",
    b"Action=UntagOpenIDConnectProvider": b"<UntagOpenIDConnectProviderResponse/>",
}
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Request:
    """One request as sent, with the names of its headers in lower case, and the part of the test that sent it."""

    during: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Record:
    """All requests so far. `during` names the current part of the test; the test sets it."""

    during: str = ""
    requests: list[Request] = field(default_factory=list)


@contextmanager
def recording(aws: EmulatedAccount) -> Iterator[tuple[EmulatedAccount, Record]]:
    """The same emulator at another address, and the record of the requests to that address."""
    record = Record()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(aws.endpoint).netloc, record))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield EmulatedAccount(f"http://127.0.0.1:{server.server_port}"), record
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(behind: str, record: Record) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            record.requests.append(Request(record.during, self.command, path, query, headers, body))
            played = next((answer for part, answer in PLAYED.items() if part in body), None)
            if played is not None:
                self._answer(200, "OK", [("Content-Type", "text/xml")], played)
                return
            connection = http.client.HTTPConnection(behind, timeout=120)
            connection.request(self.command, self.path, body=body, headers=dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            self._answer(answer.status, answer.reason, answer.getheaders(), content)

        def _answer(self, status: int, reason: str, headers: Sequence[tuple[str, str]], content: bytes) -> None:
            self.send_response_only(status, reason)
            for name, value in headers:
                if name.lower() not in OF_THE_CONNECTION:
                    self.send_header(name, value)
            length = dict(headers).get("Content-Length") if self.command == "HEAD" else str(len(content))
            if status not in (204, 304):
                self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: the record is enough."""

    return Handler
