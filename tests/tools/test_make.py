"""`make` without a target is safe and explains the repository."""

from __future__ import annotations

import re
import subprocess

import pytest

from needs import ROOT

pytestmark = pytest.mark.needs("make")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_bare_make_lists_every_target_and_runs_none():
    listed = set(re.findall(r"^  make ([a-z-]+) ", make().stdout, flags=re.MULTILINE))
    text = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    phony = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    assert phony and listed == {name for name in phony[1].split() if not name.startswith("_")}
    assert make("--dry-run").stdout.count("python") == 0


def test_another_python_is_refused_with_the_required_version(tmp_path):
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\necho 'Headgate needs Python 3.11, this is 3.9' >&2; exit 1\n")
    old.chmod(0o755)
    answer = make("setup", f"PYTHON={old}")
    assert answer.returncode != 0 and "needs Python 3.11" in answer.stderr


def test_without_any_python_make_shows_how_to_name_one():
    answer = make("setup", "PYTHON=")
    assert answer.returncode != 0
    assert "needs Python 3.11" in answer.stdout and "make setup PYTHON=" in answer.stdout


def rooms() -> set[str]:
    """Folders of tests, and single modules: `clean` is `tests/test_clean.py`."""
    tests = ROOT / "tests"
    modules = {file.stem.removeprefix("test_") for file in tests.glob("test_*.py")}
    return {file.parent.name for file in tests.glob("*/test_*.py")} | modules


def test_a_room_is_tested_alone_with_no_more_than_setup_installs():
    planned = make("--dry-run", "test-room", "ROOM=gate", "PYTHON=python3").stdout
    assert planned.split()[-1] == "tests/gate"
    installs = [line for line in planned.splitlines() if "tools/environment.py" in line]
    assert len(installs) == 1 and "requirements-dev.txt" in installs[0]


def test_several_rooms_and_the_tests_of_a_single_module_are_run_together():
    planned = make("--dry-run", "test-room", "ROOM=gate clean", "PYTHON=python3").stdout
    assert planned.split()[-2:] == ["tests/gate", "tests/test_clean.py"]


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (["ROOM=gates"], "There is no room `gates` in tests/."),
        (["ROOM=gate nowhere"], "There is no room `nowhere` in tests/."),
        ([], "Name a room: make test-room ROOM=gate"),
    ],
)
def test_a_room_that_does_not_exist_is_refused_with_the_list_of_rooms(arguments, refusal):
    answer = make("test-room", *arguments)
    shown = answer.stdout.splitlines()
    assert answer.returncode != 0 and shown[0] == refusal
    assert shown[1].startswith("The rooms: ") and set(shown[1].split()[2:]) == rooms()
    assert len(shown) == 2  # nothing was installed
