"""The walk along the event path: what it says when rows do not arrive, and which crawls it counts."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from headgate.cli.dead_letters import DeadLetter
from headgate.errors import RunFailed
from rehearsal.walk.documents import document, row
from rehearsal.walk.events import EventPath

EVENTS = {"crawler": "lake-events", "machine": "lake-crawl-events", "queues": {"incoming": "lake-incoming"}}


class EndedPath(EventPath):
    """The walk with rows and dead letters of the test's own."""

    def __init__(self, folder: Path, rows: list[dict[str, Any]], letters: list[DeadLetter]) -> None:
        self.scene: Any = SimpleNamespace(emulator=SimpleNamespace(calls=folder / "calls.jsonl"), until=_once)
        self.events, self.wanted = EVENTS, {1: "1.0"}
        self.dead: Any = SimpleNamespace(letters=lambda: letters)
        self._rows = rows

    def rows(self) -> list[dict[str, Any]]:
        return self._rows

    def _await_empty(self) -> None:
        return


def _once(what: str, look: Any, seconds: float) -> None:
    if not look():
        raise RunFailed(f"{what}: not seen within {seconds:.0f} s", where="rehearsal")


def test_rows_as_wanted_are_enough(tmp_path: Path) -> None:
    EndedPath(tmp_path, [row(1)], []).await_rows("the rows")


def test_rows_that_do_not_arrive_are_named_with_the_dead_letters(tmp_path: Path) -> None:
    letter = DeadLetter("clicks", document("x", ()).key, "2026-01-01T00:00:00Z", "it was too large")
    with pytest.raises(RunFailed) as failed:
        EndedPath(tmp_path, [], [letter]).await_rows("the rows")
    assert "click 1: []" in str(failed.value) and "incoming/clicks/x.json: it was too large" in str(failed.value)


def test_only_starts_of_its_own_crawler_by_a_role_are_counted(tmp_path: Path) -> None:
    def call(role: str, crawler: str) -> str:
        arn = f"arn:aws:glue:eu-west-1:123456789012:crawler/{crawler}"
        return json.dumps({"role": role, "action": "glue:StartCrawler", "resource": arn, "status": 200})

    lines = [call("lake-crawl", "lake-events"), call("", "lake-events"), call("lake-pipeline", "lake-parquet-daily")]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines))
    assert [crawl["role"] for crawl in EndedPath(tmp_path, [], [])._crawls()] == ["lake-crawl"]
