"""The pinned wheels of a Lambda function, for one architecture and one Python."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path, PurePosixPath

from headgate.deploy.archive import read_zip
from headgate.deploy.digest import sha256_of
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.wheels import download
from headgate.spark.jars import cache_folder

PYTHON = "3.13"  # of AWS's runtime; it has glibc 2.34 (Amazon Linux 2023), python3.11 and older have 2.26
ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}  # as Lambda names them, and as wheels do
REQUIREMENTS = "requirements.txt"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEWEST, _OLDEST = 34, 17  # manylinux_2_34 to manylinux_2_17, which is manylinux2014


def function_wheels(requirements: Path, architecture: str, python: str = PYTHON) -> list[Path]:
    """Return the wheels that `requirements` pins by hash, as files in the cache; each has one of the pinned hashes.

    Raises `CannotDeploy` when a file of the cache was changed, or pip cannot download a wheel with a pinned hash.
    """
    text = requirements.read_bytes()
    name = f"{hashlib.sha256(text).hexdigest()[:16]}-{python}-{architecture}"
    folder = cache_folder() / "function-wheels" / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetched-", dir=folder.parent) as scratch:
            fetched = Path(scratch, "wheels")
            download(
                ["--require-hashes", "-r", str(requirements)],
                fetched,
                python=python,
                platforms=platforms(architecture),
            )
            os.replace(fetched, folder)
    found, pinned = sorted(folder.glob("*.whl")), set(_HASH.findall(text.decode()))
    for wheel in found:
        if sha256_of(wheel) not in pinned:
            remedy = "Delete that folder, and run the same command again."
            raise CannotDeploy(f"{wheel.name} is not the pinned file", where=str(folder), remedy=remedy)
    return found


def platforms(architecture: str) -> list[str]:
    """Return the tags of the wheels that Lambda runs on this architecture, the most specific first."""
    machine = ARCHITECTURES[architecture]
    return [
        *(f"manylinux_2_{minor}_{machine}" for minor in range(_NEWEST, _OLDEST - 1, -1)),
        f"manylinux2014_{machine}",
    ]


def installed(wheel: Path) -> dict[str, bytes]:
    """Return the files that pip would install of a wheel, by their path in site-packages; programs are left out.

    Format: "Binary distribution format" of the Python Packaging User Guide, section on the `.data` folder.
    """
    files: dict[str, bytes] = {}
    for name, content in read_zip(wheel).items():
        parts = PurePosixPath(name).parts
        if not parts[0].endswith(".data"):
            files[name] = content
        elif parts[1] in ("purelib", "platlib"):
            files["/".join(parts[2:])] = content
    return files
