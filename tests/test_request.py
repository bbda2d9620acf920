"""The next commands that a closed gate gives are complete: typed into a shell, they mean the run's own folders."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.cli.app import app
from headgate.request import RunRequest, new_run_id

FOLDERS = st.text(st.sampled_from("ab/. -$'\"\\*~#é;&|=\t"), min_size=1, max_size=12)


@given(st.fixed_dictionaries({}, optional={"contracts": FOLDERS, "source": FOLDERS, "lake": FOLDERS}))
@settings(max_examples=200, deadline=None)
def test_a_next_command_means_the_folders_of_its_run(folders: dict[str, str]) -> None:
    request = RunRequest(given=folders)
    lake = Path(folders.get("lake", "lake"))
    again = _typed(request.command("run", "orders"))
    assert (again["lake"], again["source"]) == (lake, Path(folders.get("source", "staging")))
    assert (again["contracts"], again["datasets"]) == (Path(folders.get("contracts", "contracts")), ["orders"])
    rows = _typed(request.command("quarantine", "orders", "--run", request.run))
    assert (rows["lake"], rows["dataset"], rows["run"]) == (lake, "orders", request.run)


@given(st.lists(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)), min_size=2))
@settings(max_examples=200, deadline=None)
def test_run_ids_sort_by_time_within_a_second_too(times: list[datetime]) -> None:
    parts_apart = {(at.replace(microsecond=0), at.microsecond * 4096 // 1_000_000): at for at in times}
    ids = [new_run_id(at) for at in sorted(parts_apart.values())]
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}", name) for name in ids)


def test_two_runs_of_one_second_sort_by_time() -> None:
    second = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    ids = [new_run_id(second.replace(microsecond=1_000 * n)) for n in range(1000)]
    assert ids == sorted(set(ids))


def _typed(command: str) -> dict[str, Any]:
    """What Headgate's command line takes from a line that a shell has split."""
    program, verb, *words = shlex.split(command)
    assert program == "headgate"
    group: Any = typer.main.get_command(app)
    return group.commands[verb].make_context(verb, words).params
