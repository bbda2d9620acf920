"""Commands of the product, each with every process that it starts in a group of its own, so that all end together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from headgate.errors import RunFailed


class Command:
    """A command under way; what it says goes into its log."""

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
        """True when it has ended, well or badly."""
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for its end. Raises `RunFailed` with its last words when it ended badly."""
        try:
            self._process.wait()
        except BaseException:
            self.kill()
            raise
        if self._process.returncode:
            said = self._log.read_text(errors="replace")[-4000:]
            raise RunFailed(f"`{self._name}` ended with {self._process.returncode}:\n{said}", where=str(self._log))

    def kill(self) -> None:
        """End it and everything that it has started; nothing where it is over."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
