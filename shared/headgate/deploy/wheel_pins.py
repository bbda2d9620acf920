"""The pins of the wheelhouse (wheelhouse.txt): the wheels that a job needs and Glue does not provide, each by hash.

Versions are resolved with Glue's modules as first preference and requirements-dev.txt as second. A module that Glue
provides in a sufficient version is left out; every other wheel has the version that runs on a laptop.
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

PINS_FILE = Path(__file__).with_name("wheelhouse.txt")
_PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?:[^\n]*\\\n\s+--hash=sha256:([0-9a-f]{64}))?", re.MULTILINE)
_OTHER_PYTHON = re.compile(r"^[\w.-]+==[^\n]*python_full_version >= '3\.12'[^\n]*\n", re.MULTILINE)
_HEAD = """\
# The wheels that a job needs and Glue 5.1 does not provide (glue_5_1.yaml), for x86_64 and Python 3.11, by hash.
# Written by `python -m headgate.deploy lock`; do not edit by hand.
"""


@dataclass(frozen=True)
class Pin:
    """One wheel: its distribution, its version, and the SHA-256 of the file."""

    name: str
    version: str
    sha256: str


def read_pins(file: Path = PINS_FILE) -> list[Pin]:
    """Read the pins. Raises `CannotDeploy` when there are none, or one has no hash."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    pins = [Pin(*fields) for fields in _PIN.findall(text)]
    if not pins or not all(pin.sha256 for pin in pins):
        raise CannotDeploy(
            "the pins of the wheelhouse are missing or incomplete",
            where=str(file),
            remedy="Restore the file, or write it again: `python -m headgate.deploy lock`.",
        )
    return pins


def write_pins(source: Checkout, file: Path = PINS_FILE) -> list[Pin]:
    """Resolve the versions again, download every wheel for its hash, and write the pins."""
    versions = resolve(source)
    with tempfile.TemporaryDirectory(prefix="headgate-pins-") as folder:
        wheels = download([f"{name}=={version}" for name, version in versions.items()], Path(folder))
        hashes = {_name_and_version(wheel.name): sha256_of(wheel) for wheel in wheels}
    pins = [Pin(name, version, hashes[name, version]) for name, version in sorted(versions.items())]
    file.write_text(pins_text(pins), encoding="utf-8")
    return pins


def pins_text(pins: list[Pin]) -> str:
    """Return the pins as a requirements file for pip."""
    return _HEAD + "".join(f"{pin.name}=={pin.version} \\\n    --hash=sha256:{pin.sha256}\n" for pin in pins)


def resolve(source: Checkout) -> dict[str, str]:
    """Return the versions that the wheelhouse needs: all that the library needs and Glue lacks in that version."""
    with tempfile.TemporaryDirectory(prefix="headgate-pins-") as folder:
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
    """Run uv, which keeps the versions that `out` already lists wherever they satisfy all requirements."""
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
            f"the library's dependencies cannot be resolved for Glue: {done.stderr.strip()}",
            where="pyproject.toml",
            remedy="Choose versions that are compatible with those in glue_5_1.yaml.",
        )


def _name_and_version(wheel: str) -> tuple[str, str]:
    name, version = wheel.split("-")[:2]
    return normal(name), version
