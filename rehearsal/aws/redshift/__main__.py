"""Serve the Redshift Data API on this machine: `python -m rehearsal.aws.redshift --folder DIR [--bucket NAME=FOLDER]`.

Prints one JSON line with the endpoint when it is ready, and ends with its standard input. boto3 finds it by
`AWS_ENDPOINT_URL_REDSHIFT_DATA`. COPY reads `file://` addresses below the named folders, and `s3://NAME/` from them.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

from rehearsal.aws.redshift.copying import Fetch
from rehearsal.aws.redshift.data_api import DataApi, Invalid
from rehearsal.aws.redshift.postgres import Postgres


def fetch_from(buckets: dict[str, Path]) -> Fetch:
    """Read addresses from folders of this machine, and nothing outside of them."""
    roots = {name: folder.resolve() for name, folder in buckets.items()}

    def fetch(url: str) -> bytes | None:
        parts = urlparse(url)
        path = unquote(parts.path)
        file = roots[parts.netloc] / path.lstrip("/") if parts.netloc in roots else Path(path)
        file = file.resolve()
        inside = any(file.is_relative_to(root) for root in roots.values())
        return file.read_bytes() if inside and parts.scheme in ("s3", "file") and file.is_file() else None

    return fetch


def handler(api: DataApi) -> type[BaseHTTPRequestHandler]:
    """The handler of requests: JSON 1.1, the action in a header."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            try:
                if action not in api.actions:
                    raise Invalid(f"the rehearsal's Redshift has no call {action}")
                self._answer(200, api.actions[action](json.loads(body or b"{}")))
            except Invalid as problem:
                self._answer(400, {"__type": "ValidationException", "message": str(problem)})

        def _answer(self, status: int, content: dict) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are not logged: statements contain values."""

    return Handler


def main() -> int:
    """Serve until the standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.aws.redshift", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the folder of PostgreSQL's data")
    parser.add_argument("--bucket", action="append", default=[], metavar="NAME=FOLDER", help="what COPY may read")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    buckets = {name: Path(folder) for name, _, folder in (text.partition("=") for text in given.bucket)}
    postgres = Postgres(given.folder)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # otherwise PostgreSQL would stay behind
    postgres.start()
    try:
        api = DataApi(postgres.socket, fetch_from(buckets), given.folder)
        server = ThreadingHTTPServer(("127.0.0.1", given.port), handler(api))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}"}), flush=True)
        sys.stdin.read()
        server.shutdown()
    finally:
        postgres.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
