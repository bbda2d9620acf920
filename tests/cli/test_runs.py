"""`headgate runs`: the last runs from their records, without Spark, and commands that can be typed as printed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from headgate.cli.app import app
from headgate.cli.show import print_result
from headgate.errors import UnusableArgument
from headgate.outcome import Outcome
from headgate.request import command_line
from headgate.run import Result as RunResult


def record(lake: Path, run: str, status: str, **datasets: tuple[str, int | None, int | None, int | None]) -> None:
    content: dict[str, Any] = {
        "status": status,
        "command": "headgate run --lake here",
        "seconds": 12.345,
        "datasets": {},
    }
    for name, (ended, read, published, quarantined) in datasets.items():
        counts = {"status": ended, "read": read, "published": published, "quarantined": quarantined}
        content["datasets"][name] = counts
    (lake / "runs" / run).mkdir(parents=True)
    (lake / "runs" / run / "run.json").write_text(json.dumps(content))


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five runs: published, closed, unreadable, killed, stopped before a count."""
    at = tmp_path / "my lake"
    record(
        at,
        "20260101T010203Z-a",
        "published",
        orders=("published", 1_234_567, 1_234_560, 7),
        visits=("unchanged", 0, 0, 0),
    )
    record(at, "20260102T010203Z-b", "closed", orders=("closed", 10, 0, 9))
    (at / "runs/20260103T010203Z-c").mkdir()
    (at / "runs/20260103T010203Z-c/run.json").write_text("{")
    (at / "runs/20260104T010203Z-d").mkdir()
    (at / "runs/20260104T010203Z-d/log.jsonl").write_text("{}\n")
    record(at, "20260105T010203Z-e", "stopped", visits=("stopped", None, None, None))
    monkeypatch.chdir(tmp_path)
    return at


@pytest.fixture
def runs(lake: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(app, ["runs", "--lake", "my lake", *words], catch_exceptions=False)


def test_the_newest_run_is_first_and_each_says_how_it_ended(runs: Callable[..., Result]) -> None:
    lines = [re.split(r"\s{2,}", line) for line in runs().output.splitlines()[2:7]]
    assert lines == [
        ["20260105T010203Z-e", "2026-01-05 01:02 UTC", "■ stopped", "12.3", "headgate run --lake here"],
        ["20260104T010203Z-d", "2026-01-04 01:02 UTC", "? no record", ""],
        ["20260103T010203Z-c", "2026-01-03 01:02 UTC", "? unreadable", ""],
        ["20260102T010203Z-b", "2026-01-02 01:02 UTC", "✖ closed", "10", "0", "9", "12.3", "headgate run --lake here"],
        ["20260101T010203Z-a", "2026-01-01 01:02 UTC", "✔ published", "1,234,567", "1,234,560", "7", "12.3",
         "headgate run --lake here"],
    ]  # fmt: skip


def test_of_a_dataset_its_own_rows_and_the_command_for_the_refused_ones(runs: Callable[..., Result]) -> None:
    output = runs("orders").output
    assert [line.split()[0] for line in output.splitlines()[2:4]] == ["20260102T010203Z-b", "20260101T010203Z-a"]
    assert output.endswith("headgate quarantine orders --run 20260102T010203Z-b --lake 'my lake'\n")
    assert "1,234,567" not in runs("visits").output
    (one,) = json.loads(runs("orders", "--last", "1", "--json").output)
    assert (one["run"], one["status"], one["read"], one["when"]) == (
        "20260102T010203Z-b",
        "closed",
        10,
        "2026-01-02 01:02 UTC",
    )


def test_a_lake_without_a_run_and_a_dataset_without_one(runs: Callable[..., Result], tmp_path: Path) -> None:
    with pytest.raises(UnusableArgument, match="there is no run of `nothing` here"):
        runs("nothing")
    with pytest.raises(UnusableArgument, match="there is no run here"):
        CliRunner().invoke(app, ["runs", "--lake", "none"], catch_exceptions=False)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_numbers_and_names_of_runs_are_whole_at_every_width(
    runs: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    for name, value in {"COLUMNS": str(width), "TTY_COMPATIBLE": "1", "NO_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    output = re.sub(r"\x1b\[[\d;]*m", "", runs().output)
    assert max(map(len, output.splitlines())) <= width
    assert {"1,234,567", "1,234,560", "20260101T010203Z-a", "12.3", "published"} <= {*output.split()}


def test_commands_are_printed_with_the_folders_that_were_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line("resume", "orders", given={"contracts": "c", "lake": "l"}) == (
        "headgate resume orders --contracts c --lake l"
    )
    waiting = {"path": "orders/a.csv", "reason": "is empty", "since": "before"}
    outcome = Outcome("orders", "dataset", "published", objects={"refused": [waiting]})
    print_result(RunResult("now", None, None, {"orders": outcome}), None, Path("my lake"))  # type: ignore[arg-type]
    assert "`headgate acknowledge orders PATH --lake 'my lake'`" in capsys.readouterr().out


def test_spark_is_not_started(runs: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.spark.session.local_session", None)
    assert runs().exit_code == 0
    assert "headgate.cli.runs" in sys.modules
