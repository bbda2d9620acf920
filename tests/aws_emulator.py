"""The AWS emulator (MiniStack) on a free port of the loopback address, for as long as a block takes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import needs
from rehearsal.processes import ending, free_port


@contextmanager
def emulator(folder: Path, starts_within: float = 30) -> Iterator[str]:
    """Start the emulator with its files in `folder`, yield its address, and end it with the block."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(folder),
                "PYTHONPATH": str(needs.ROOT)}  # fmt: skip
    with (folder / "output").open("w") as output:
        command = [str(needs.ministack()), "-m", "rehearsal.aws.plain"]
        env = {**os.environ, **settings}
        aws = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output, start_new_session=True)
        with ending(aws, keep=False):
            if not _answers(address, aws, starts_within):
                printed = (folder / "output").read_text()[-2000:]
                raise AssertionError(f"the emulator does not answer; it printed:\n{printed}")
            yield address


def _answers(address: str, aws: subprocess.Popen[bytes], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and aws.poll() is None:
        try:
            with urlopen(f"{address}/_ministack/health", timeout=2):
                return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False
