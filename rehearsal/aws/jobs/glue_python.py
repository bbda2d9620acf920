"""The Python modules that Glue itself brings, taken from the checkout's own environment and run by its Python.

Glue's list names the modules that a job may take for granted. Those that are installed here are linked into a folder;
what is not on the list stays invisible, so that a job fails when the release lacks a wheel.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from headgate.deploy.glue import glue

_OF_SPARK = ("pyspark", "py4j")  # Glue has them too, as a part of its Spark


def base_folder(cache: Path) -> Path:
    """The folder with Glue's own modules, made when it does not exist."""
    return folder_of(cache, (*glue().modules, *_OF_SPARK))


def folder_of(cache: Path, names: Iterable[str]) -> Path:
    """The folder with those of the named modules that are installed here, made when it does not exist."""
    installed = [module for name in names if (module := _distribution(name)) is not None]
    versions = [f"{module.metadata['Name']}=={module.version} {module.locate_file('')}" for module in installed]
    target = cache / "base" / hashlib.sha256("\n".join(sorted(versions)).encode()).hexdigest()
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".link-") as scratch:
            site = Path(scratch, "site")
            site.mkdir()
            for module in installed:
                _link(module, site)
            site.rename(target)
    return target


def _distribution(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _link(module: metadata.Distribution, target: Path) -> None:
    """Link every top-level file and folder of a distribution."""
    for top in {file.parts[0] for file in module.files or () if not file.parts[0].startswith(("..", "__pycache__"))}:
        link, source = target / top, Path(str(module.locate_file(top)))
        if source.exists() and not link.is_symlink():
            link.symlink_to(source)


def empty_python(cache: Path) -> Path:
    """The Python of an empty virtual environment, made when it does not exist."""
    home = cache / f"python-{hashlib.sha256(sys.base_prefix.encode()).hexdigest()[:8]}"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.fspath(home)], check=True)
    return python
