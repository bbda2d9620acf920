"""The Python modules of a job, as Glue installs them: those its arguments name, on top of Glue's own, and no others.

What is installed becomes a folder of the cache, a layer, by its SHA-256. The first requirement of a zip is a layer of
its own: a release lists its library there, so a change of the library reinstalls one wheel, not the forty beside it.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


def installed(base: Base, file: Path, options: str) -> list[Path]:
    """Install a wheel or a zip of wheels, once, with the job's own options for pip; returns the layers."""
    if not file.name.endswith(WHEELHOUSE):
        if file.suffix != ".whl":
            raise CannotInstall(f"{file.name} is neither a wheel nor a zip that ends in {WHEELHOUSE}")
        return [_layer(base, [file.read_bytes()], [str(file)], options)]
    with _unpacked(base, file) as wheels:
        listed = [line for line in (wheels / "requirements.txt").read_text().splitlines() if line.strip()]
        first = [wheel for wheel in wheels.glob("*.whl") if _is_of(wheel, listed[0])]
        others = sorted(set(wheels.glob("*.whl")) - set(first))
        find = ["--find-links", str(wheels)]
        return [
            _layer(base, [wheel.read_bytes() for wheel in group], [*find, *lines], options)
            for group, lines in ((others, listed[1:]), (first, listed[:1]))
            if lines
        ]


@contextmanager
def _unpacked(base: Base, file: Path) -> Iterator[Path]:
    """The folder of a zip's wheels and requirements."""
    base.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base.cache, prefix=".unpacked-") as folder:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
        listed = next(Path(folder).rglob("requirements.txt"), None)
        if listed is None:
            raise CannotInstall(f"{file.name} has no requirements.txt")
        yield listed.parent


def _is_of(wheel: Path, requirement: str) -> bool:
    return _normal(wheel.name.partition("-")[0]) == _normal(requirement.partition("==")[0])


def _layer(base: Base, content: Sequence[bytes], wanted: Sequence[str], options: str) -> Path:
    digest = hashlib.sha256(options.encode())
    for wheel in content:
        digest.update(hashlib.sha256(wheel).digest())
    target = base.cache / "modules" / digest.hexdigest()
    with _installing:
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".install-") as scratch:
                site = Path(scratch, "site")
                _pip(base, ["install", "--quiet", "--no-deps", "--target", str(site), *shlex.split(options), *wanted])
                site.rename(target)
    return target


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
