"""Commands of the product, with every process that they start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rehearsal_bench import await_true, processes_at_home

from headgate.errors import RunFailed
from rehearsal.walk.commands import Command


def test_a_command_that_is_ended_ends_all_that_it_has_started(tmp_path: Path) -> None:
    marked = {**os.environ, "HOME": f"{tmp_path}/jobs/"}
    command = Command("sh", ["sh", "-c", "sleep 600 & wait"], tmp_path, marked, tmp_path / "log")
    await_true(lambda: len(processes_at_home(tmp_path)) == 2, 20)
    command.kill()
    await_true(lambda: not processes_at_home(tmp_path), 20)


def test_a_command_that_fails_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = Command("sh", ["sh", "-c", "echo no such thing; exit 3"], tmp_path, os.environ, tmp_path / "log")
    with pytest.raises(RunFailed, match=r"`sh` ended with 3:\nno such thing"):
        command.wait()
