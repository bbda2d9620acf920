"""Glue's crawlers, for real: StartCrawler reads what lies in S3 and writes what it finds into the catalog.

Definitions stay the emulator's; schedules are recorded and never run. The crawl itself (`rehearsal.aws.crawlers.crawl`)
is a process of the project's Python with the credentials of the crawler's role. Runs in the emulator's Python.
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

from ministack.core.responses import json_response
from ministack.services import glue

from rehearsal.aws import credentials

ROOT = Path(__file__).resolve().parents[3]
LOG_GROUP = "/aws-glue/crawlers"

Response = tuple[int, dict[str, str], bytes]
Json = dict[str, Any]


def install(settings: dict[str, Any]) -> None:
    """Put the crawlers in front of the emulator's; `settings["python"]` is the Python that crawls."""
    crawlers = Crawlers(settings)
    glue._start_crawler = crawlers.start
    glue._stop_crawler = crawlers.stop
    glue._get_crawler_metrics = crawlers.metrics
    glue._update_crawler = _not_while_running(glue._update_crawler)
    glue._delete_crawler = _not_while_running(glue._delete_crawler)


def _not_while_running(inner: Callable[[Json], Response]) -> Callable[[Json], Response]:
    def handle(data: Json) -> Response:
        crawler = glue._crawlers.get(data.get("Name"))
        if crawler is not None and crawler["State"] != "READY":
            return _running(crawler["Name"])
        return inner(data)

    return handle


def _running(name: str) -> Response:
    return credentials.refused("CrawlerRunningException", f"Crawler with name {name} has already started")


def _unknown(name: object) -> Response:
    return credentials.refused("EntityNotFoundException", f"Crawler entry with name {name} does not exist")


class Crawlers:
    """The API of crawls."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._counts: dict[str, Json] = {}

    def start(self, data: Json) -> Response:
        """StartCrawler: RUNNING at once, READY when it has ended."""
        name = data.get("Name", "")
        with self._lock:
            crawler = glue._crawlers.get(name)
            if crawler is None:
                return _unknown(name)
            if crawler["State"] != "READY":
                return _running(name)
            crawler.update(State="RUNNING", CrawlElapsedTime=0)
        context = contextvars.copy_context()
        threading.Thread(target=lambda: context.run(self._crawl, crawler), name=f"crawl {name}", daemon=True).start()
        return json_response({})

    def stop(self, data: Json) -> Response:
        """StopCrawler: STOPPING, and READY when the process is gone."""
        name = data.get("Name", "")
        with self._lock:
            crawler = glue._crawlers.get(name)
            if crawler is None:
                return _unknown(name)
            if crawler["State"] == "STOPPING":
                return credentials.refused("CrawlerStoppingException", f"Crawler with name {name} is stopping")
            if crawler["State"] != "RUNNING":
                return credentials.refused("CrawlerNotRunningException", f"Crawler with name {name} isn't running")
            crawler["State"] = "STOPPING"
            if (process := self._processes.get(name)) is not None:
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
        """Crawl, and leave the crawler READY whatever happens."""
        begun, prefix = time.time(), str(uuid.uuid4())
        try:
            said = self._run(crawler, prefix)
        except Exception as problem:
            said = {"error": str(problem)}
        with self._lock:
            stopped = crawler["State"] == "STOPPING"
            status = "CANCELLED" if stopped else "FAILED" if said.get("error") else "SUCCEEDED"
            self._counts[crawler["Name"]] = said
            last = {
                "Status": status, "LogGroup": LOG_GROUP, "LogStream": crawler["Name"], "MessagePrefix": prefix,
                "StartTime": begun, **({"ErrorMessage": said["error"]} if status == "FAILED" else {}),
            }  # fmt: skip
            crawler.update(State="READY", LastCrawl=last, CrawlElapsedTime=int(1000 * (time.time() - begun)))

    def _run(self, crawler: Json, prefix: str) -> Json:
        role = crawler["Role"]
        try:
            acting = credentials.of_service(role, "glue.amazonaws.com", "AWS-Crawler")
        except PermissionError:
            return {"error": "Service is unable to assume provided role. Please verify role's TrustPolicy"}
        asked = {key: self._settings[key] for key in ("endpoint", "region")}
        with self._lock:
            if crawler["State"] == "STOPPING":
                return {}
            process = self._processes[crawler["Name"]] = self._process(acting)
        out, err = process.communicate(json.dumps({**asked, "crawler": crawler, "prefix": prefix}, default=str))
        lines = out.strip().splitlines()
        if not lines:
            return {"error": f"Internal Service Exception: the crawl ended with {process.returncode}: {err[-1000:]}"}
        return json.loads(lines[-1])

    def _process(self, acting: credentials.Credentials) -> subprocess.Popen[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        return subprocess.Popen(
            [self._settings["python"], "-m", "rehearsal.aws.crawlers.crawl"], cwd=self._settings["folder"], text=True,
            env={**kept, **nowhere, **acting.environment(), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
