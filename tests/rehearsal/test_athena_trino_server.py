"""Trino as a process: where it listens, and that nothing of it stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.aws.athena import trino_install
from rehearsal.aws.athena.trino_server import Aws, trino
from rehearsal.emulator import ACCOUNT, REGION

NOWHERE = Aws("http://127.0.0.1:9", ACCOUNT, REGION)


def answers(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as asked:
        asked.settimeout(2)
        return asked.connect_ex((host, port)) == 0


@pytest.mark.needs("trino")
def test_it_listens_on_the_loopback_address_only_and_ends_with_its_block(tmp_path: Path) -> None:
    with trino(NOWHERE, tmp_path) as engine:
        engine.wait()
        port = int(engine.address.rpartition(":")[2])
        assert answers(port)
        others = {str(one[4][0]) for one in socket.getaddrinfo(socket.gethostname(), port, family=socket.AF_INET)}
        assert [host for host in others if not host.startswith("127.") and answers(port, host)] == []
    assert engine.process.returncode is not None
    assert not answers(port)


@pytest.mark.needs("trino")
def test_it_ends_when_who_started_it_is_killed(tmp_path: Path) -> None:
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
    with starter.stdout as said:
        engine = int(said.readline())
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    until = time.monotonic() + 30
    while Path(f"/proc/{engine}/cmdline").exists() and Path(f"/proc/{engine}/cmdline").read_bytes():
        assert time.monotonic() < until, "Trino outlived who started it"
        time.sleep(0.05)


@pytest.mark.needs("trino")
def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            trino(NOWHERE, tmp_path, int(taken.getsockname()[1])) as engine,
            pytest.raises(RunFailed, match=r"(?s)Trino did not start.*[Bb]ind"),
        ):
            engine.wait()


def test_of_the_archive_only_two_connectors_are_kept_and_shared_jars_come_along(tmp_path: Path) -> None:
    archive, origin = tmp_path / "t.tar.gz", tmp_path / "origin"
    origin.write_text("a jar")
    with tarfile.open(archive, "w:gz") as made:
        made.add(origin, "trino-server-476/plugin/kafka/shared.jar")
        for name, target in (("plugin/hive/shared.jar", "plugin/kafka"), ("lib/shared.jar", "plugin/kafka")):
            link = tarfile.TarInfo(f"trino-server-476/{name}")
            link.type, link.linkname = tarfile.LNKTYPE, f"trino-server-476/{target}/shared.jar"
            made.addfile(link)
        made.add(origin, "trino-server-476/plugin/iceberg/own.jar")
    trino_install.unpack(archive, tmp_path / "server")
    found = {str(file.relative_to(tmp_path / "server")): file.read_text() for file in tmp_path.glob("server/**/*.jar")}
    assert found == dict.fromkeys(("plugin/hive/shared.jar", "lib/shared.jar", "plugin/iceberg/own.jar"), "a jar")
