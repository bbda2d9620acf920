"""The session of a job on a laptop: one for little data where there is little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headgate import runtime
from headgate.lake.address import lake_at
from headgate.project import Project
from headgate.request import RunRequest
from headgate.runtime import Job


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each session that was requested was one for little data."""
    found: list[bool] = []
    monkeypatch.setattr(runtime, "local_session", lambda app, **how: found.append(how["little"]))
    return found


def _job(folder: Path, **given: Any) -> Job:
    addresses = {"contracts": "contracts", "source": str(folder / "staging"), "lake": str(folder / "lake"), **given}
    return Job(Project({}, {}, {}, ()), lake_at(str(folder / "lake")), RunRequest(()), addresses)


def test_a_job_on_little_data_gets_a_session_for_little(tmp_path: Path, asked: list[bool]) -> None:
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "a.csv").write_text("id\n1\n")
    _job(tmp_path).session()
    assert asked == [True]


@pytest.mark.parametrize("place", ["staging", "lake"])
def test_a_job_on_much_data_gets_the_usual_session(tmp_path: Path, asked: list[bool], place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    with (tmp_path / place / "much.csv").open("wb") as file:
        file.truncate(33_000_000)
    _job(tmp_path).session()
    assert asked == [False]


def test_what_is_in_a_bucket_counts_as_much(tmp_path: Path, asked: list[bool]) -> None:
    _job(tmp_path, source="s3://bucket/staging").session()
    assert asked == [False]
