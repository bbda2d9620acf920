"""Trino as a process: it listens on the loopback address only, and ends with the process that started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.account import ACCOUNT, REGION
from rehearsal.aws.athena.trino_server import Aws, trino

NOWHERE = Aws("http://127.0.0.1:9", ACCOUNT, REGION)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, port)) == 0


@pytest.mark.needs("trino")
def test_it_listens_on_the_loopback_address_only_and_ends_with_its_block(tmp_path: Path) -> None:
    with trino(NOWHERE, tmp_path) as engine:
        engine.wait()
        port = int(engine.address.rpartition(":")[2])
        assert answers(port)
        others = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), port, family=socket.AF_INET)}
        assert [host for host in others if not host.startswith("127.") and answers(port, host)] == []
    assert engine.process.returncode is not None
    assert not answers(port)


@pytest.mark.needs("trino")
def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    script = (
        "import time\nfrom pathlib import Path\nfrom rehearsal.aws.athena.trino_server import Aws, trino\n"
        f"with trino(Aws({NOWHERE.endpoint!r}, '1', 'r'), Path({str(tmp_path)!r})) as engine:\n"
        "    print(engine.process.pid, flush=True)\n    time.sleep(60)\n"
    )
    root = str(Path(__file__).parents[2])
    starter = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert starter.stdout is not None
    with starter.stdout as printed:
        engine = int(printed.readline())
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    until = time.monotonic() + 30
    while Path(f"/proc/{engine}/cmdline").exists() and Path(f"/proc/{engine}/cmdline").read_bytes():
        assert time.monotonic() < until, "Trino outlived the process that started it"
        time.sleep(0.05)


@pytest.mark.needs("trino")
def test_one_that_cannot_start_gives_its_reason(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            trino(NOWHERE, tmp_path, int(taken.getsockname()[1])) as engine,
            pytest.raises(RunFailed, match=r"(?s)Trino did not start.*[Bb]ind"),
        ):
            engine.wait()
