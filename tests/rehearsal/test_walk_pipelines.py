"""Waiting for Scheduler's tick, before files arrive."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.walk.pipelines import after_a_tick


def test_only_a_new_tick_by_the_role_of_ticks_counts(tmp_path: Path) -> None:
    calls = tmp_path / "calls.jsonl"
    tick = '{"role": "lake-tick", "action": "states:StartExecution"}\n'
    calls.write_text(tick)
    with pytest.raises(RunFailed, match="not ticked"):
        after_a_tick(calls, seconds=0.1)
    with ThreadPoolExecutor(1) as waiting, calls.open("a", buffering=1) as file:
        ticked = waiting.submit(after_a_tick, calls, 60.0)
        file.write('{"role": "lake-admit", "action": "states:StartExecution"}\n')
        time.sleep(1)
        assert not ticked.done()
        while not ticked.done():  # it may have begun to look after a tick
            file.write(tick)
            time.sleep(0.05)
        ticked.result()
