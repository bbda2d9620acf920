"""The emulator with our adapters: no process is left when it ends, regardless of how it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rehearsal_bench import await_true, listens, processes_at_home

import needs
from rehearsal.emulator import running_emulator

pytestmark = pytest.mark.needs("ministack")

SLEEPER = """\
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process that a shell starts in the background ignores it
sys.path[:0] = [{root!r}, {bench!r}]
from rehearsal.emulator import running_emulator
from rehearsal_bench import AccountBench, await_true
with running_emulator(Path(sys.argv[1])) as emulator:
    account = AccountBench(emulator)
    account.job("long", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    run = account.start("long")
    await_true(lambda: account.run("long", run)["JobRunState"] == "RUNNING")
    print(emulator.endpoint, flush=True)
    import time; time.sleep(600)
"""


def test_when_the_block_ends_nothing_listens(tmp_path: Path) -> None:
    with running_emulator(tmp_path) as emulator:
        assert listens(emulator.endpoint)
    assert not listens(emulator.endpoint)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_neither_emulator_nor_job_outlives_the_command(tmp_path: Path, number: signal.Signals) -> None:
    script = SLEEPER.format(root=str(needs.ROOT), bench=str(Path(__file__).parent))
    command = [sys.executable, "-c", script, str(tmp_path / "aws")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as started:
        assert started.stdout is not None
        endpoint = started.stdout.readline().strip()
        await_true(lambda: processes_at_home(tmp_path / "aws"))
        os.kill(started.pid, number)
        try:
            started.wait(30)
        finally:
            started.kill()
    await_true(lambda: not listens(endpoint), 20)
    await_true(lambda: not processes_at_home(tmp_path / "aws"), 20)
