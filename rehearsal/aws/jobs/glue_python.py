"""What Glue brings itself, from the modules of the checkout's own environment; run by its Python.

Glue's list of modules names what a job may take for granted. Of those, the ones that are installed here are linked into
a folder; what is not on the list stays invisible, so a wheel that is missing in the release is missed by the job.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from headgate.deploy.glue import glue

_ITS_OWN = ("pyspark", "py4j")  # Glue has them as well, as a part of its Spark


def base_folder(cache: Path) -> Path:
    """The folder with Glue's own modules, made when it is not there."""
    found = [one for name in (*glue().modules, *_ITS_OWN) if (one := _distribution(name)) is not None]
    said = [f"{one.metadata['Name']}=={one.version} {one.locate_file('')}" for one in found]
    target = cache / "base" / hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".link-") as made:
            at = Path(made, "site")
            at.mkdir()
            for one in found:
                _link(one, at)
            at.rename(target)
    return target


def _distribution(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _link(one: metadata.Distribution, target: Path) -> None:
    """Link every top-level file and folder of a distribution."""
    for top in {file.parts[0] for file in one.files or () if not file.parts[0].startswith(("..", "__pycache__"))}:
        link, source = target / top, Path(str(one.locate_file(top)))
        if source.exists() and not link.is_symlink():
            link.symlink_to(source)


def empty_python(cache: Path) -> Path:
    """The Python of a virtual environment with nothing in it, made when it is not there."""
    home = cache / f"python-{hashlib.sha256(sys.base_prefix.encode()).hexdigest()[:8]}"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", os.fspath(home)], check=True)
    return python
