"""The parts of the walk that need no emulator: what is measured, typed, counted and expected."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.walk.memory import tree_bytes
from rehearsal.walk.pipelines import after_a_tick
from rehearsal.walk.plays import Play, by_country
from rehearsal.walk.queries import typed


def test_memory_counts_what_a_process_has_started() -> None:
    before = tree_bytes(os.getpid())
    code = "block = bytearray(64 << 20); print('held', flush=True); input()"
    command, pipe = [sys.executable, "-c", code], subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert tree_bytes(os.getpid()) - before > 64 << 20
        child.communicate("\n")


def test_a_row_of_a_result_gets_the_types_that_athena_says() -> None:
    row = ["7", "1.5", "x", "", "2.50"]
    assert typed(row, ["bigint", "double", "varchar", "integer", "decimal"]) == [7, 1.5, "x", None, 2.5]


def test_plays_without_a_country_count_nowhere_and_what_is_no_number_has_no_seconds() -> None:
    plays = [
        Play(0, "a", "be", "n/a"),
        Play(1, "a", "be", "30"),
        Play(2, "b", "be", "n/a"),  # nothing to add up
        Play(3, "a", "", "50"),
        Play(61, "a", "be", "40"),  # a month later
    ]
    assert by_country(plays) == [["a", 3, 70, 2, "be"], ["b", 1, None, 1, "be"]]


def test_a_tick_is_one_of_now_and_by_the_role_of_ticks(tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    tick = '{"role": "lake-tick", "action": "states:StartExecution"}\n'
    calls.write_text(tick)
    with pytest.raises(RunFailed, match="not ticked"):
        after_a_tick(calls, seconds=0.1)
    with ThreadPoolExecutor(1) as waiting, calls.open("a", buffering=1) as file:
        seen = waiting.submit(after_a_tick, calls, 60.0)
        file.write('{"role": "lake-admit", "action": "states:StartExecution"}\n')
        time.sleep(1)
        assert not seen.done()
        while not seen.done():  # it may begin to look after a tick
            file.write(tick)
            time.sleep(0.05)
        seen.result()
