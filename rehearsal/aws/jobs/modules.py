"""The Python modules of a job, as Glue installs them: what its arguments name, on top of Glue's own, and nothing else.

Each file named by `--additional-python-modules` becomes a folder of the cache, by its SHA-256; so a change of the
library installs one wheel anew, and not the forty that lie beside it.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WHEELHOUSE = ".gluewheels.zip"
_installing = threading.Lock()


class CannotInstall(Exception):
    """What pip said, or what is not a file that it could install."""


@dataclass(frozen=True)
class Base:
    """What a job finds before anything is installed."""

    python: Path  # of a virtual environment with nothing in it
    path: tuple[str, ...]  # Glue's own modules
    cache: Path

    def env(self, layers: Sequence[Path]) -> dict[str, str]:
        """What makes Python see the layers, the last one first, then Glue's own modules."""
        path = [*(str(one) for one in reversed(layers)), *self.path]
        return {"PYTHONPATH": os.pathsep.join(path), "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def installed(base: Base, file: Path, options: str) -> Path:
    """The folder into which a wheel or a zip of wheels is installed; pip gets the job's own options."""
    target = base.cache / "modules" / hashlib.sha256(file.read_bytes() + options.encode()).hexdigest()
    with _installing:
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as made:
                _install(base, file, options, Path(made))
                Path(made, "site").rename(target)
    return target


def _install(base: Base, file: Path, options: str, scratch: Path) -> None:
    wanted = [str(file)]
    if file.name.endswith(WHEELHOUSE):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(scratch / "unpacked")
        listed = next((scratch / "unpacked").rglob("requirements.txt"), None)
        if listed is None:
            raise CannotInstall(f"{file.name} holds no requirements.txt")
        wanted = ["--find-links", str(listed.parent), "-r", str(listed)]
    elif file.suffix != ".whl":
        raise CannotInstall(f"{file.name} is neither a wheel nor a zip that ends in {WHEELHOUSE}")
    _pip(base, ["install", "--quiet", "--no-deps", "--target", str(scratch / "site"), *shlex.split(options), *wanted])


def must_fit(base: Base, layers: Sequence[Path]) -> None:
    """Raise `CannotInstall` when what is installed wants something that neither it nor Glue brings."""
    names = {one.name.partition("-")[0].replace("_", "-").lower() for at in layers for one in at.glob("*.dist-info")}
    key = hashlib.sha256("".join(at.name for at in layers).encode()).hexdigest()
    mark = base.cache / "modules" / f"{key}.fits"
    if mark.exists():
        return
    said = _pip(base, ["check"], layers, may_fail=True)
    wrong = [line for line in said.splitlines() if line.partition(" ")[0].replace("_", "-").lower() in names]
    if wrong:
        raise CannotInstall("the modules do not fit together:\n" + "\n".join(wrong))
    mark.touch()


def _pip(base: Base, words: Sequence[str], layers: Sequence[Path] = (), *, may_fail: bool = False) -> str:
    env = {"PATH": os.environ.get("PATH", ""), "HOME": str(base.cache), **base.env(layers)}
    command = [str(base.python), "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode and not may_fail:
        raise CannotInstall((done.stderr or done.stdout).strip()[-2000:])
    return done.stdout
