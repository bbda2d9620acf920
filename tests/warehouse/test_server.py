"""The server of the rehearsal's Redshift: it ends with its input or by a signal, and leaves no PostgreSQL behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs

pytestmark = pytest.mark.needs("postgres")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL can reach: it runs as another user where this one is root."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.parametrize("end", ["input", "signal"])
def test_postgresql_ends_with_its_server(open_folder: Path, end: str) -> None:
    folder = open_folder / "pg"
    words = [str(needs.postgres()), "-m", "rehearsal.aws.redshift", "--folder", str(folder)]
    with subprocess.Popen(words, cwd=needs.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None and server.stdout is not None
        assert json.loads(server.stdout.readline())["endpoint"].startswith("http://127.0.0.1:")
        postgres = int((folder / "data/postmaster.pid").read_text().split()[0])
        if end == "input":
            server.stdin.close()
        else:
            server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
    deadline = time.monotonic() + 10
    while _is_alive(postgres) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_alive(postgres)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts PostgreSQL as another user")
def test_programs_behind_a_closed_folder_are_copied(open_folder: Path) -> None:
    closed = open_folder / "closed"
    shutil.copytree(needs.postgres().parents[1], closed / "env", symlinks=True)
    closed.chmod(0o700)
    words = [str(closed / "env/bin/python"), "-m", "rehearsal.aws.redshift", "--folder", str(open_folder / "pg")]
    ended = subprocess.run(words, cwd=needs.ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (open_folder / "pg/programs").is_dir() and "endpoint" in ended.stdout


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
