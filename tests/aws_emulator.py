"""The AWS emulator (MiniStack) on a free port of the loopback address, for as long as a block takes."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import needs


@contextmanager
def emulator(folder: Path, starts_within: float = 30) -> Iterator[str]:
    """Start the emulator with its files in `folder`, yield its address, and end it with the block."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(folder)}
    with (folder / "said").open("w") as said:
        command = [str(needs.ministack()), "-m", "ministack"]
        aws = subprocess.Popen(command, cwd=folder, env={**os.environ, **settings}, stdout=said, stderr=said)
        try:
            if not _answers(address, aws, starts_within):
                raise AssertionError(f"the emulator does not answer; it said:\n{(folder / 'said').read_text()[-2000:]}")
            yield address
        finally:
            aws.terminate()
            try:
                aws.wait(10)
            except subprocess.TimeoutExpired:
                aws.kill()
                aws.wait()


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _answers(address: str, aws: subprocess.Popen[bytes], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and aws.poll() is None:
        try:
            with urlopen(f"{address}/_ministack/health", timeout=2):
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False
