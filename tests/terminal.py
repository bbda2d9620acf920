"""A command at a terminal of its own: what it prints, and keys."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

from needs import ROOT

WITHIN = 240  # seconds for a step, on a busy machine
_CTRL_C = b"\x03"


class Terminal:
    """`headgate WORDS…` at a terminal of `columns`; Ctrl-C reaches everything that runs there, Java too."""

    def __init__(self, folder: Path, *words: str, columns: int = 200) -> None:
        mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        path = os.pathsep.join([str(ROOT / "shared"), *sys.path])
        env = {**os.environ, "PYTHONPATH": path, "HEADGATE_MEMORY": "1g", "TERM": "xterm"}
        env.pop("COLUMNS", None)
        command = [sys.executable, "-m", "headgate.cli", *words]
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True, preexec_fn=_own_terminal,
        )  # fmt: skip
        os.close(theirs)
        os.set_blocking(mine, False)
        self._mine, self.text, self._read = mine, "", 0

    def wait_for(self, text: str) -> str:
        """What was printed since the last wait, up to and including `text`."""
        self.wait_until(lambda: self.text.find(text, self._read) >= 0, f"no {text!r}")
        at = self.text.find(text, self._read)
        before, self._read = self.text[self._read : at + len(text)], at + len(text)
        return before

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true; fail with `what` and the text since the last wait."""
        end = time.monotonic() + WITHIN
        while not true():
            assert time.monotonic() < end and self._more(), f"{what} in {self.text[self._read :]}"

    def end(self) -> int:
        """Wait for the command's end, and return its exit code."""
        end = time.monotonic() + WITHIN
        while time.monotonic() < end and self._more():
            pass
        return self.process.wait(WITHIN)

    def _more(self) -> bool:
        try:
            self.text += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._mine, 1 << 16).decode(errors="replace"))
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            return False  # the process has ended
        return True

    def press_ctrl_c(self) -> None:
        os.write(self._mine, _CTRL_C)

    def press(self, keys: str) -> None:
        """Type these keys."""
        os.write(self._mine, keys.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._mine)


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
