"""`headgate doctor`: what this machine has of what a run needs, one line each. It reads files and starts nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from headgate.cache import cache_folder
from headgate.errors import RunFailed
from headgate.spark.jars import ALWAYS, JARS, sha256
from headgate.spark.java import java_home

PARTS = ("pyspark", "duckdb", "pyarrow", "pandas", "great-expectations", "pyiceberg", "sqlglot", "boto3")
_LITTLE = 1_000_000_000  # bytes: less does not hold Spark's temporary files and a small lake
_PINS = Path(__file__).resolve().parents[3] / "requirements-dev.in"  # in a checkout; a wheel has none
_SETUP = "`make setup` installs it; then `. .venv/bin/activate`"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing; `remedy` says what to do where it is missing, and is empty where all is well."""

    name: str
    found: str
    remedy: str = ""


def examine(lake: Path) -> Iterator[Finding]:
    """Each thing that runs need, in the order in which they need it."""
    yield _python()
    yield _java()
    pins = _pins()
    yield from (_part(name, pins.get(name)) for name in PARTS)
    yield _cache()
    yield _jar()
    yield _disk(lake)
    yield Finding("credentials", _credentials())


def _python() -> Finding:
    remedy = "" if sys.version_info[:2] == (3, 11) else "Glue runs Python 3.11: install it, then `make setup`"
    return Finding("Python", platform.python_version(), remedy)


def _java() -> Finding:
    try:
        home = java_home()
    except RunFailed as error:
        return Finding("Java", "no Java 17", error.remedy)
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        text = ""
    exact = re.search(r'JAVA_VERSION="([^"]+)"', text)
    return Finding("Java", f"{exact[1] if exact else '17'}, in {home}")


def _pins() -> dict[str, str]:
    """The versions that a checkout pins; none where Headgate is installed as a wheel."""
    try:
        lines = _PINS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: pin for name, _, pin in (line.split("#")[0].strip().partition("==") for line in lines) if pin}


def _part(name: str, pin: str | None) -> Finding:
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Finding(name, "not installed", _SETUP)
    if pin and installed != pin:
        return Finding(name, f"{installed}, and {pin} is pinned", _SETUP)
    return Finding(name, installed)


def _cache() -> Finding:
    folder = cache_folder()
    if not os.access(_existing(folder), os.W_OK):
        return Finding("cache", f"{folder} cannot be written", "give yourself the right, or set HEADGATE_CACHE")
    return Finding("cache", str(folder))


def _jar() -> Finding:
    jar = JARS[ALWAYS]
    file = cache_folder() / "jars" / jar.file_name
    if not file.is_file():
        return Finding("Iceberg", f"{jar.file_name} is not in the cache", "`make setup` fetches it (needs a network)")
    if sha256(file) != jar.sha256:
        return Finding("Iceberg", f"{jar.file_name} is damaged", f"delete {file}, then `make setup`")
    return Finding("Iceberg", f"{jar.version}, in the cache")


def _disk(lake: Path) -> Finding:
    free = shutil.disk_usage(_existing(lake.absolute())).free
    remedy = "" if free >= _LITTLE else "free some space, or choose another disk with `--lake`"
    return Finding("disk", f"{free / 1e9:,.1f} GB free for {lake}", remedy)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _credentials() -> str:
    """Whether AWS's tools would find some here; nothing is read of them, and nobody is asked."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return "in the environment"
    if {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} & {*os.environ}:
        return "given to this machine by its platform"
    for variable, default in (("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")):
        if Path(os.environ.get(variable) or Path.home() / ".aws" / default).is_file():
            profile = os.environ.get("AWS_PROFILE")
            return f"in ~/.aws{f', profile {profile}' if profile else ''}"
    return "none for AWS; a laptop needs none, only `make bootstrap` and what follows"
