"""The demo from end to end, on a small catalogue; each test continues where the one before it stopped."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from rich.console import Console

from headgate.cli.query import query
from headgate.demo.__main__ import main
from headgate.demo.catalogue import Sizes
from headgate.demo.session import demo
from headgate.lake.address import lake_at
from needs import ROOT

SMALL = Sizes(artists=300, albums=600, tracks=4_000, playlists=40, listings=2_500)
HEADER = "track_id,name,artist_id,album_id,popularity,duration_ms\n"


class Demo:
    """The demo in one folder, and what it printed when it ran last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""
        self.code = -1

    def run(self) -> int:
        """Run it; returns the exit code."""
        out = io.StringIO()
        self.code = demo(Console(file=out, width=200), ROOT / "contracts", self.folder, SMALL)
        self.printed = out.getvalue()
        return self.code

    def stranger(self, rows: str) -> Path:
        """Put a file of tracks into staging that the demo did not make."""
        file = self.folder / "staging" / "tracks" / "mine.csv"
        file.write_text(HEADER + rows)
        return file


@pytest.fixture(scope="module")
def shown(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    made = Demo(tmp_path_factory.mktemp("demo") / "with a space")
    made.run()
    return made


def test_the_first_run_comes_out_as_planted_and_answers_both_questions(shown: Demo):
    assert "All counts and answers are as expected" in shown.printed
    assert shown.code == 0
    assert "artist_name" in shown.printed
    assert "Average popularity by danceability (down) and energy (across)" in shown.printed
    assert "report.html" in shown.printed


def test_a_second_run_says_that_nothing_has_changed(shown: Demo):
    assert shown.run() == 0
    assert "Nothing has changed since the last run" in shown.printed
    assert "All counts and answers are as expected" in shown.printed


@pytest.mark.parametrize("file", sorted((ROOT / "sql" / "analysis").glob("*.sql")), ids=lambda file: file.stem)
def test_every_named_query_answers_on_the_published_tables(shown: Demo, file: Path):
    answer = query(file.read_text(encoding="utf-8"), lake_at(str(shown.folder / "lake")))
    assert len(answer.fetchall()) > 0


def test_a_file_of_bad_rows_closes_the_gate_and_the_tables_stay(shown: Demo):
    bad = shown.stranger("x,?,a,b,loud,1\n")
    assert shown.run() == 1
    assert "In the run, but not made by the demo" in shown.printed
    bad.unlink()
    assert shown.run() == 0
    assert "All counts and answers are as expected" in shown.printed


def test_rows_that_were_not_planted_are_a_loud_failure(shown: Demo):
    good = shown.stranger("0123456789012345678901,Mine,a,b,99,200000\n")
    assert shown.run() == 0
    assert "The result was not checked" in shown.printed
    good.unlink()
    assert shown.run() == 1
    assert "The lake is not as expected" in shown.printed
    assert "tracks: rows_after is " in shown.printed


def test_a_folder_that_is_not_there_is_a_message_and_not_a_stack_trace(capsys, tmp_path: Path):
    assert main(["--source", str(tmp_path / "nowhere"), "--folder", str(tmp_path)]) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main(["--contracts", str(tmp_path / "none"), "--folder", str(tmp_path)]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_a_project_without_the_demos_contracts_is_told_so(capsys, tmp_path: Path):
    others = ROOT / "tests" / "real" / "usgs" / "contracts"
    assert main(["--contracts", str(others), "--folder", str(tmp_path)]) == 2
    assert "there is no contract of `artists`" in capsys.readouterr().err
