"""`make setup` installs once, again when something changed, and says what it could not have."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from needs import ROOT


def install(folder: Path, requirements: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Install from no index at all: whatever is not there cannot be had."""
    command = [sys.executable, str(ROOT / "tools" / "environment.py"), str(folder), str(requirements), *options]
    env = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """Requirements that need no network."""
    file = tmp_path / "requirements.txt"
    file.write_text("# nothing\n")
    return file


@pytest.fixture
def built(tmp_path: Path, nothing: Path) -> Path:
    folder = tmp_path / "environment"
    first = install(folder, nothing, "--folder-only")
    assert first.returncode == 0, first.stderr
    return folder


def test_a_second_set_up_says_nothing_and_touches_nothing(built, nothing):
    (built / "mine").write_text("still here")
    second = install(built, nothing, "--folder-only")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (built / "mine").exists()


def test_changed_requirements_are_installed_anew(built, nothing):
    (built / "mine").write_text("gone")
    nothing.write_text("# nothing, put differently\n")
    assert "Installing" in install(built, nothing, "--folder-only").stdout
    assert not (built / "mine").exists()


def test_an_environment_moved_elsewhere_is_built_anew(built, nothing, tmp_path):
    moved = built.rename(tmp_path / "elsewhere")
    assert "Installing" in install(moved, nothing, "--folder-only").stdout


def test_what_cannot_be_had_is_named_with_what_to_do_and_tried_again_next_time(tmp_path):
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"chispa==0.12.0 --hash=sha256:{'0' * 64}\n")
    folder = tmp_path / "environment"
    first = install(folder, wanted)
    assert first.returncode == 1
    assert "uv could not install; trying pip" in first.stdout
    assert "Neither uv nor pip could install" in first.stderr
    assert "chispa" in first.stderr and "HTTPS_PROXY" in first.stderr
    assert not (folder / ".ready").exists()


def test_an_environment_whose_python_went_away_is_built_anew(built, nothing):
    (built / "bin").mkdir()
    (built / "bin" / "python").symlink_to(built / "gone")
    assert "Installing" in install(built, nothing, "--folder-only").stdout
