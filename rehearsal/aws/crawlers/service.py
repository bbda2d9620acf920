"""Glue crawlers that really crawl: StartCrawler reads what lies in S3 and writes the tables it makes into the catalog.

Definitions stay the emulator's; schedules are stored and never run. The crawl itself (`rehearsal.aws.crawlers.crawl`)
is a process of the checkout's Python with the credentials of the crawler's role. Runs in the emulator's Python.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import contextvars
import json
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import glue

from rehearsal.aws import credentials
from rehearsal.aws.crawlers import LOG_GROUP

ROOT = Path(__file__).resolve().parents[3]

Response = tuple[int, dict[str, str], bytes]
Json = dict[str, Any]
Handler = Callable[[Json], Response]


class Refused(Exception):
    """A call that Glue answers with an error: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install(settings: dict[str, Any]) -> None:
    """Replace the emulator's own crawls; `settings["python"]` is the Python that crawls."""
    crawlers = Crawlers(settings)
    glue._start_crawler = _answering(crawlers.start)
    glue._stop_crawler = _answering(crawlers.stop)
    glue._get_crawler_metrics = crawlers.metrics
    glue._update_crawler = _answering(_not_while_running(glue._update_crawler))
    glue._delete_crawler = _answering(_not_while_running(glue._delete_crawler))


def _answering(handler: Handler) -> Handler:
    def answered(data: Json) -> Response:
        try:
            return handler(data)
        except Refused as refused:
            return error_response_json(refused.code, str(refused), 400)

    return answered


def _not_while_running(inner: Handler) -> Handler:
    def handle(data: Json) -> Response:
        crawler = glue._crawlers.get(data.get("Name"))
        if crawler is not None:
            _must_be_ready(crawler)
        return inner(data)

    return handle


def _crawler(data: Json) -> Json:
    name = data.get("Name", "")
    crawler = glue._crawlers.get(name)
    if crawler is None:
        raise Refused("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
    return crawler


def _must_be_ready(crawler: Json) -> None:
    if crawler["State"] != "READY":
        raise Refused("CrawlerRunningException", f"Crawler with name {crawler['Name']} has already started")


def _must_run(crawler: Json) -> None:
    name, state = crawler["Name"], crawler["State"]
    if state == "STOPPING":
        raise Refused("CrawlerStoppingException", f"Crawler with name {name} is stopping")
    if state != "RUNNING":
        raise Refused("CrawlerNotRunningException", f"Crawler with name {name} isn't running")


class Crawlers:
    """The API of crawls."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._counts: dict[str, Json] = {}

    def start(self, data: Json) -> Response:
        """StartCrawler: RUNNING at once, READY when the crawl has ended. Raises `Refused`."""
        with self._lock:
            crawler = _crawler(data)
            _must_be_ready(crawler)
            crawler.update(State="RUNNING", CrawlElapsedTime=0)
        context, name = contextvars.copy_context(), f"crawl {crawler['Name']}"
        threading.Thread(target=lambda: context.run(self._crawl, crawler), name=name, daemon=True).start()
        return json_response({})

    def stop(self, data: Json) -> Response:
        """StopCrawler: STOPPING, and READY when the process is gone. Raises `Refused`."""
        with self._lock:
            crawler = _crawler(data)
            _must_run(crawler)
            crawler["State"] = "STOPPING"
            if (process := self._processes.get(crawler["Name"])) is not None:
                process.terminate()
        return json_response({})

    def metrics(self, data: Json) -> Response:
        """GetCrawlerMetrics, of the last crawl."""
        names = data.get("CrawlerNameList") or list(glue._crawlers.keys())
        return json_response({"CrawlerMetricsList": [self._metric(name) for name in names if name in glue._crawlers]})

    def _metric(self, name: str) -> Json:
        crawler, counts = glue._crawlers[name], self._counts.get(name, {})
        seconds = crawler.get("CrawlElapsedTime", 0) / 1000
        return {
            "CrawlerName": name, "TimeLeftSeconds": 0.0, "StillEstimating": crawler["State"] != "READY",
            "LastRuntimeSeconds": seconds, "MedianRuntimeSeconds": seconds, "TablesDeleted": 0,
            "TablesCreated": counts.get("created", 0), "TablesUpdated": counts.get("updated", 0),
        }  # fmt: skip

    def _crawl(self, crawler: Json) -> None:
        """Crawl, and leave the crawler READY also after an error."""
        begun, prefix = time.time(), str(uuid.uuid4())
        try:
            result = self._run(crawler, prefix)
        except Exception as problem:
            result = {"error": str(problem)}
        with self._lock:
            stopped = crawler["State"] == "STOPPING"
            status = "CANCELLED" if stopped else "FAILED" if result.get("error") else "SUCCEEDED"
            self._counts[crawler["Name"]] = result
            last = {
                "Status": status, "LogGroup": LOG_GROUP, "LogStream": crawler["Name"], "MessagePrefix": prefix,
                "StartTime": begun, **({"ErrorMessage": result["error"]} if status == "FAILED" else {}),
            }  # fmt: skip
            crawler.update(State="READY", LastCrawl=last, CrawlElapsedTime=int(1000 * (time.time() - begun)))

    def _run(self, crawler: Json, prefix: str) -> Json:
        """Run the process of a crawl and return the JSON that it prints last."""
        try:
            acting = credentials.of_service(crawler["Role"], "glue.amazonaws.com", "", "AWS-Crawler")
        except PermissionError:
            return {"error": "Service is unable to assume provided role. Please verify role's TrustPolicy"}
        given = {key: self._settings[key] for key in ("endpoint", "region")}
        with self._lock:
            if crawler["State"] == "STOPPING":
                return {}
            process = self._processes[crawler["Name"]] = self._process(acting)
        out, err = process.communicate(json.dumps({**given, "crawler": crawler, "prefix": prefix}, default=str))
        lines = out.strip().splitlines()
        if not lines:
            return {"error": f"Internal Service Exception: the crawl ended with {process.returncode}: {err[-1000:]}"}
        return json.loads(lines[-1])

    def _process(self, acting: credentials.Credentials) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        no_files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        return subprocess.Popen(
            [self._settings["python"], "-m", "rehearsal.aws.crawlers.crawl"], cwd=self._settings["folder"], text=True,
            env={**kept, **no_files, **acting.environment(), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
