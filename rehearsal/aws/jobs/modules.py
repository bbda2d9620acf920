"""The Python modules of a job, as Glue installs them: those its arguments name, on top of Glue's own, and no others.

Each file named by `--additional-python-modules` becomes a folder of the cache, by its SHA-256; so a change of the
library reinstalls one wheel, and not the forty beside it.
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
    """pip failed, or a file is of a kind that pip cannot install."""


@dataclass(frozen=True)
class Base:
    """The Python of a job before anything is installed."""

    python: Path  # of an empty virtual environment
    path: tuple[str, ...]  # Glue's own modules
    cache: Path

    def env(self, layers: Sequence[Path]) -> dict[str, str]:
        """The environment in which Python finds the layers, the last one first, then Glue's own modules."""
        path = [*(str(layer) for layer in reversed(layers)), *self.path]
        return {"PYTHONPATH": os.pathsep.join(path), "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def installed(base: Base, file: Path, options: str) -> Path:
    """Install a wheel or a zip of wheels, once, with the job's own options for pip; returns the folder."""
    target = base.cache / "modules" / hashlib.sha256(file.read_bytes() + options.encode()).hexdigest()
    with _installing:
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as scratch:
                _install(base, file, options, Path(scratch))
                Path(scratch, "site").rename(target)
    return target


def _install(base: Base, file: Path, options: str, scratch: Path) -> None:
    wanted = [str(file)]
    if file.name.endswith(WHEELHOUSE):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(scratch / "unpacked")
        listed = next((scratch / "unpacked").rglob("requirements.txt"), None)
        if listed is None:
            raise CannotInstall(f"{file.name} has no requirements.txt")
        wanted = ["--find-links", str(listed.parent), "-r", str(listed)]
    elif file.suffix != ".whl":
        raise CannotInstall(f"{file.name} is neither a wheel nor a zip that ends in {WHEELHOUSE}")
    _pip(base, ["install", "--quiet", "--no-deps", "--target", str(scratch / "site"), *shlex.split(options), *wanted])


def must_fit(base: Base, layers: Sequence[Path]) -> None:
    """Raise `CannotInstall` when an installed module requires one that neither the job nor Glue brings."""
    names = {_normal(info.name.partition("-")[0]) for layer in layers for info in layer.glob("*.dist-info")}
    key = hashlib.sha256("".join(layer.name for layer in layers).encode()).hexdigest()
    mark = base.cache / "modules" / f"{key}.fits"
    if mark.exists():
        return
    output = _pip(base, ["check"], layers, may_fail=True)
    wrong = [line for line in output.splitlines() if _normal(line.partition(" ")[0]) in names]
    if wrong:
        raise CannotInstall("the modules do not fit together:\n" + "\n".join(wrong))
    mark.touch()


def _normal(name: str) -> str:
    return name.replace("_", "-").lower()


def _pip(base: Base, words: Sequence[str], layers: Sequence[Path] = (), *, may_fail: bool = False) -> str:
    env = {"PATH": os.environ.get("PATH", ""), "HOME": str(base.cache), **base.env(layers)}
    command = [str(base.python), "-m", "pip", "--disable-pip-version-check", "--no-cache-dir", *words]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode and not may_fail:
        raise CannotInstall((done.stderr or done.stdout).strip()[-2000:])
    return done.stdout
