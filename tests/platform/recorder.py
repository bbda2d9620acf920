"""A proxy on the loopback address in front of the emulator: it writes down what is asked, and passes it on.

What the emulator has no answer for is answered here, so that Terraform goes on and the request is known all the same.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from emulator import Emulator

# A part of the request's body: the answer. MiniStack 1.5.33 does not tag these providers.
PLAYED: Mapping[bytes, bytes] = {
    b"Action=TagOpenIDConnectProvider": b"<TagOpenIDConnectProviderResponse/>",
    b"Action=UntagOpenIDConnectProvider": b"<UntagOpenIDConnectProviderResponse/>",
}
OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Request:
    """One request as it was sent, the names of its headers in lower case, and in which part of the test."""

    during: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Record:
    """What was asked so far. `during` names the part of the test that goes on; whoever runs the test sets it."""

    during: str = ""
    requests: list[Request] = field(default_factory=list)


@contextmanager
def recording(aws: Emulator) -> Iterator[tuple[Emulator, Record]]:
    """The same emulator under another address, and the record of what goes through it."""
    record = Record()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(aws.endpoint).netloc, record))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Emulator(f"http://127.0.0.1:{server.server_port}"), record
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
                self._say(200, "OK", [("Content-Type", "text/xml")], played)
                return
            asked = http.client.HTTPConnection(behind, timeout=120)
            asked.request(self.command, self.path, body=body, headers=dict(self.headers.items()))
            answer = asked.getresponse()
            said = answer.read()
            asked.close()
            self._say(answer.status, answer.reason, answer.getheaders(), said)

        def _say(self, status: int, reason: str, headers: Sequence[tuple[str, str]], said: bytes) -> None:
            self.send_response_only(status, reason)
            for name, value in headers:
                if name.lower() not in OF_THE_CONNECTION:
                    self.send_header(name, value)
            length = dict(headers).get("Content-Length") if self.command == "HEAD" else str(len(said))
            if status not in (204, 304):
                self.send_header("Content-Length", length or "0")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the record is what is wanted."""

    return Handler
