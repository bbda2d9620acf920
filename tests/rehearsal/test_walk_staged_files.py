"""Your own files for a rehearsal, and their known results."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from headgate.errors import UnusableArgument
from rehearsal.walk.staged_files import StagedFiles, own_files, read_questions, upload

KNOWN = ("artists", "tracks")


class Bucket:
    """Keeps the keys that are uploaded, in order."""

    def __init__(self) -> None:
        self.keys = list[str]()

    def upload_file(self, file: str, bucket: str, key: str) -> None:
        assert Path(file).is_file()
        self.keys.append(f"{bucket}/{key}")


def _file(folder: Path, name: str, time: int = 0) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    os.utime(file, (time, time))
    return file


def test_the_oldest_file_comes_first_and_files_of_one_second_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, slept = Bucket(), list[float]()
    monkeypatch.setattr("rehearsal.walk.staged_files.time.sleep", slept.append)
    times = {"a/new.csv": 20, "a/old.csv": 10, "b/old.csv": 10}
    upload(bucket, "staging", {name: _file(tmp_path, name, time) for name, time in times.items()})
    assert bucket.keys == [f"staging/staging/{name}" for name in ("a/old.csv", "b/old.csv", "a/new.csv")]
    assert [pause > 1 for pause in slept] == [False, True]


def test_your_own_files_are_known_by_dataset_with_their_known_results(tmp_path: Path) -> None:
    _file(tmp_path / "files", "tracks/a.csv")
    _file(tmp_path / "files", "artists/b.csv")
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps([{"what": "tracks", "sql": "SELECT 1", "result": [[1]]}]))
    staged = StagedFiles(own_files(tmp_path / "files", KNOWN), questions=read_questions(answers))
    assert staged.datasets == ["artists", "tracks"]
    assert staged.of({"tracks"}) == {"tracks/a.csv": tmp_path / "files" / "tracks" / "a.csv"}
    assert [question.sql for question in staged.questions] == ["SELECT 1"]
    assert staged.truth is None


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "has no file"),
        (("albums/a.csv", "artists/a.csv"), "no dataset: albums"),
        (("tracks/a.csv",), "no files of artists"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    for name in names:
        _file(tmp_path, name)
    with pytest.raises(UnusableArgument, match=message):
        own_files(tmp_path, KNOWN, needed=["artists"])


@pytest.mark.parametrize("text", ["", "{}x", '[{"what": "rows"}]', "[1]"])
def test_results_that_cannot_be_used_are_refused_with_an_example(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.json"
    file.write_text(text)
    with pytest.raises(UnusableArgument, match="no usable list") as refused:
        read_questions(file)
    assert "SELECT COUNT" in str(refused.value)


def test_a_missing_file_of_results_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnusableArgument, match="FileNotFoundError"):
        read_questions(tmp_path / "none.json")
