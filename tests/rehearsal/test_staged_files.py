"""Files of one's own for a rehearsal, and what is known of them."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from headgate.errors import UnusableArgument
from rehearsal.walk.records import rows_told
from rehearsal.walk.staged_files import Arrived, own_files, put, read_questions

KNOWN = ("artists", "tracks")


class Bucket:
    """Keeps the keys that are uploaded, in order."""

    def __init__(self) -> None:
        self.keys = list[str]()

    def upload_file(self, file: str, bucket: str, key: str) -> None:
        assert Path(file).is_file()
        self.keys.append(f"{bucket}/{key}")


def _file(folder: Path, name: str, at: int = 0) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    os.utime(file, (at, at))
    return file


def test_the_oldest_file_comes_first_and_files_of_one_second_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, slept = Bucket(), list[float]()
    monkeypatch.setattr("rehearsal.walk.staged_files.time.sleep", slept.append)
    times = {"a/new.csv": 20, "a/old.csv": 10, "b/old.csv": 10}
    put(bucket, "staging", {name: _file(tmp_path, name, at) for name, at in times.items()})
    assert bucket.keys == [f"staging/staging/{name}" for name in ("a/old.csv", "b/old.csv", "a/new.csv")]
    assert [one > 1 for one in slept] == [False, True]


def test_files_of_ones_own_are_known_by_dataset_with_the_answers_that_are_known(tmp_path: Path) -> None:
    _file(tmp_path / "files", "tracks/a.csv")
    _file(tmp_path / "files", "artists/b.csv")
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([{"what": "tracks", "sql": "SELECT 1", "result": [[1]]}]))
    arrived = Arrived(own_files(tmp_path / "files", KNOWN), questions=read_questions(answers))
    assert arrived.datasets == ["artists", "tracks"]
    assert arrived.of({"tracks"}) == {"tracks/a.csv": tmp_path / "files" / "tracks" / "a.csv"}
    assert [one.sql for one in arrived.questions] == ["SELECT 1"]
    assert arrived.truth is None


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "holds no file"),
        (("albums/a.csv", "artists/a.csv"), "no dataset: albums"),
        (("tracks/a.csv",), "no files of artists"),
    ],
)
def test_a_folder_that_cannot_be_rehearsed_with_is_refused(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    for name in names:
        _file(tmp_path, name)
    with pytest.raises(UnusableArgument, match=said):
        own_files(tmp_path, KNOWN, needed=["artists"])


@pytest.mark.parametrize("text", ["", "{}x", '[{"what": "rows"}]', "[1]"])
def test_answers_that_cannot_be_used_are_refused_with_an_example(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(text)
    with pytest.raises(UnusableArgument, match="holds no questions") as refused:
        read_questions(file)
    assert "SELECT COUNT" in str(refused.value)


def test_a_file_of_answers_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableArgument, match="FileNotFoundError"):
        read_questions(tmp_path / "none.json")


class Reports:
    """A bucket of reports with some records."""

    def __init__(self, files: dict[str, Any]) -> None:
        self._files = files

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": key} for key in self._files]}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._files[Key].read_bytes())}


def test_the_rows_of_a_table_are_those_that_its_last_run_told(tmp_path: Path) -> None:
    def record(name: str, **rows: int | None) -> Path:
        file = tmp_path / name
        datasets = {dataset: {"rows_after": count} for dataset, count in rows.items()}
        file.write_text(json.dumps({"datasets": datasets}))
        return file

    files = {
        "runs/2/run.json": record("2", tracks=7, artists=None),
        "runs/1/run.json": record("1", tracks=5, artists=3),
        "runs/1/report.html": None,
    }
    assert rows_told(Reports(files), "reports") == {"tracks": 7, "artists": 3}
