"""The lock of the wheelhouse: which wheels a job needs beside those that Glue brings, each by its one hash.

Resolved with the versions of Glue as the first preference and those of requirements-dev.txt as the second: what Glue
has in a version that is enough is left to Glue, everything else is what a laptop runs.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headgate.deploy.checkout import Checkout
from headgate.deploy.digest import sha256_of
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.glue import glue, normal
from headgate.deploy.wheels import download

LOCK = Path(__file__).with_name("wheelhouse.txt")
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?:[^\n]*\\\n\s+--hash=sha256:([0-9a-f]{64}))?", re.MULTILINE)
_OTHER_PYTHON = re.compile(r"^[\w.-]+==[^\n]*python_full_version >= '3\.12'[^\n]*\n", re.MULTILINE)
_HEAD = """\
# The wheels that a job needs and Glue 5.1 does not bring (glue_5_1.yaml), for x86_64 and Python 3.11, by hash.
# Written by `python -m headgate.deploy lock`; never edited by hand.
"""


@dataclass(frozen=True)
class Pin:
    """One wheel: its distribution, its version, and the SHA-256 of the file."""

    name: str
    version: str
    sha256: str


def locked(lock: Path = LOCK) -> list[Pin]:
    """The pins of the lock. Raises `CannotDeploy` when there are none, or one lacks its hash."""
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    pins = [Pin(*found) for found in _PIN.findall(text)]
    if not pins or not all(pin.sha256 for pin in pins):
        raise CannotDeploy(
            "the lock of the wheelhouse is missing or not complete",
            where=str(lock),
            remedy="Bring it back, or write it anew: `python -m headgate.deploy lock`.",
        )
    return pins


def write_lock(source: Checkout, lock: Path = LOCK) -> list[Pin]:
    """Resolve anew, fetch every wheel once for its hash, and write the lock."""
    wanted = resolve(source)
    with tempfile.TemporaryDirectory(prefix="headgate-lock-") as folder:
        wheels = download([f"{name}=={version}" for name, version in wanted.items()], Path(folder))
        hashes = {_of(wheel.name): sha256_of(wheel) for wheel in wheels}
    pins = [Pin(name, version, hashes[name, version]) for name, version in sorted(wanted.items())]
    lock.write_text(lock_text(pins), encoding="utf-8")
    return pins


def lock_text(pins: list[Pin]) -> str:
    """The lock as pip reads it."""
    return _HEAD + "".join(f"{one.name}=={one.version} \\\n    --hash=sha256:{one.sha256}\n" for one in pins)


def resolve(source: Checkout) -> dict[str, str]:
    """What the wheelhouse must hold: everything that the library needs, without what Glue brings in that version."""
    with tempfile.TemporaryDirectory(prefix="headgate-lock-") as folder:
        out = Path(folder, "resolved.txt")
        out.write_text("".join(f"{name}=={version}\n" for name, version in _preferred(source).items()))
        _run_resolver(source, out)
        resolved = _versions(out.read_text(encoding="utf-8"))
    return {name: version for name, version in resolved.items() if glue().modules.get(name) != version}


def _preferred(source: Checkout) -> Mapping[str, str]:
    laptop = _OTHER_PYTHON.sub("", (source.root / "requirements-dev.txt").read_text(encoding="utf-8"))
    return {**_versions(laptop), **glue().modules}


def _versions(text: str) -> dict[str, str]:
    return {normal(name): version for name, version, _ in _PIN.findall(text)}


def _run_resolver(source: Checkout, out: Path) -> None:
    """uv takes the versions that already stand in `out` wherever they satisfy everything."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv) if uv.exists() else shutil.which("uv") or str(uv), "pip", "compile", "--quiet", "--no-header"]
    command += ["--only-binary", ":all:", "--python-version", glue().python, "--no-annotate", "--no-emit-index-url"]
    command += ["--python-platform", "x86_64-manylinux_2_28", "--output-file", str(out)]
    try:
        done = subprocess.run([*command, str(source.root / "pyproject.toml")], capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotDeploy("uv is not installed", where=str(uv), remedy="Run `make setup`.") from None
    if done.returncode:
        raise CannotDeploy(
            f"what the library needs does not resolve for Glue: {done.stderr.strip()}",
            where="pyproject.toml",
            remedy="Choose versions that go with those of glue_5_1.yaml.",
        )


def _of(wheel: str) -> tuple[str, str]:
    name, version = wheel.split("-")[:2]
    return normal(name), version
