"""Processes of a rehearsal: a free port for one, how one ends, and that none outlives the process that started it.

Uses the standard library only: the emulator's own Python imports it too.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_ENDS_WITHIN = 15.0
_PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port of the loopback address that no process listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent(number: signal.Signals) -> None:
    """Ask Linux to send this process a signal when its parent is gone, even if the parent was killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


@contextmanager
def ending(process: subprocess.Popen[bytes], *, keep: bool) -> Iterator[None]:
    """End a process with the block; one to keep continues after a block without an error."""
    try:
        yield
    except BaseException:
        end(process.pid, process)
        raise
    if keep:
        process.returncode = 0  # without a code Python would warn that nothing waited for the process
    else:
        end(process.pid, process)


def end(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """End a process and its group: first with SIGTERM, after some seconds with SIGKILL."""
    _signal(pid, signal.SIGTERM)
    until = time.monotonic() + _ENDS_WITHIN
    while time.monotonic() < until and _lives(pid, process):
        time.sleep(0.05)
    if _lives(pid, process):
        _signal(pid, signal.SIGKILL)
        if process is not None:
            process.wait()


def _lives(pid: int, process: subprocess.Popen[bytes] | None) -> bool:
    if process is not None:
        return process.poll() is None
    try:
        os.kill(pid, 0)
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ProcessLookupError:
        return False
    except ChildProcessError:
        return True  # it runs, and another process started it


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
