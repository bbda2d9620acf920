"""`make setup` installs once, again after a change, and reports what it could not install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from needs import ROOT


def install(folder: Path, requirements: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Install without a package index, so that nothing can be downloaded."""
    command = [sys.executable, str(ROOT / "tools" / "environment.py"), str(folder), str(requirements), *options]
    env = {**os.environ, "PIP_NO_INDEX": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Requirements that need no network."""
    file = tmp_path / "requirements.txt"
    file.write_text("# nothing\n")
    return file


@pytest.fixture
def built(tmp_path: Path, empty: Path) -> Path:
    folder = tmp_path / "environment"
    first = install(folder, empty, "--folder-only")
    assert first.returncode == 0, first.stderr
    return folder


def test_a_second_setup_prints_nothing_and_changes_nothing(built, empty):
    (built / "mine").write_text("still here")
    second = install(built, empty, "--folder-only")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert (built / "mine").exists()


def test_changed_requirements_are_installed_again(built, empty):
    (built / "mine").write_text("gone")
    empty.write_text("# nothing, in other words\n")
    assert "Installing" in install(built, empty, "--folder-only").stdout
    assert not (built / "mine").exists()


def test_a_moved_environment_is_rebuilt(built, empty, tmp_path):
    moved = built.rename(tmp_path / "elsewhere")
    assert "Installing" in install(moved, empty, "--folder-only").stdout


def test_what_cannot_be_installed_is_named_with_a_remedy_and_tried_again_next_time(tmp_path):
    wanted = tmp_path / "requirements.txt"
    wanted.write_text(f"chispa==0.12.0 --hash=sha256:{'0' * 64}\n")
    folder = tmp_path / "environment"
    first = install(folder, wanted)
    assert first.returncode == 1
    assert "uv could not install; trying pip" in first.stdout
    assert "Neither uv nor pip could install" in first.stderr
    assert "chispa" in first.stderr and "HTTPS_PROXY" in first.stderr
    assert not (folder / ".ready").exists()


def test_an_environment_whose_python_was_removed_is_rebuilt(built, empty):
    (built / "bin").mkdir()
    (built / "bin" / "python").symlink_to(built / "gone")
    assert "Installing" in install(built, empty, "--folder-only").stdout
