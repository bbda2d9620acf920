"""Commands of the product, each in a process group of its own, so that all that it starts ends with it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from headgate.errors import RunFailed


class Command:
    """A running command, with its output in a log."""

    def __init__(self, name: str, words: Sequence[str], folder: Path, env: Mapping[str, str], log: Path) -> None:
        self._name, self._log = name, log
        with log.open("w") as out:
            self._process = subprocess.Popen(
                list(words), cwd=folder, env=dict(env), stdout=out, stderr=out, start_new_session=True
            )

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def ended(self) -> bool:
        """True when it has ended, with success or not."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for its end. Raises `RunFailed` with the end of its log when it failed."""
        try:
            self._process.wait()
        except BaseException:
            self.kill()
            raise
        if self._process.returncode:
            log = self._log.read_text(errors="replace")[-4000:]
            raise RunFailed(f"`{self._name}` ended with {self._process.returncode}:\n{log}", where=str(self._log))

    def kill(self) -> None:
        """End it and everything that it has started; nothing happens where it has ended already."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
