"""What a test needs beside Python, and what happens where it is absent: skipped and counted; on CI a failure.

    @pytest.mark.needs("terraform")
    def test_...

A name is a program on the PATH, one of the parts in `PARTS`, or of the rights in `ALLOWED`. On CI (the variable CI is
set) an absent one fails the test, so that nothing stops being tested unnoticed; a CI that cannot have some part names
it in HEADGATE_WITHOUT (separated by commas). The counts by reason close the run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def real_data() -> Path:
    """The folder with the real data sets: beside the checkout, or where HEADGATE_SHARED_DATA says."""
    return Path(os.environ.get("HEADGATE_SHARED_DATA") or ROOT.parent / "shared" / "data")


def _named(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or ROOT / ".cache" / default).absolute()


def awsglue() -> Path:
    """The folder that holds the package `awsglue`, to be put on the path by the test that wants it."""
    return _named("HEADGATE_AWSGLUE", "awsglue")


def ministack() -> Path:
    """The Python that runs the AWS emulator: `<it> -m ministack`."""
    return _named("HEADGATE_MINISTACK", "ministack/bin/python")


def cloudsplaining() -> Path:
    """The Python that has cloudsplaining; checkov's environment has another version of it on the PATH."""
    return _named("HEADGATE_CLOUDSPLAINING", "cloudsplaining/bin/python")


def postgres() -> Path:
    """The Python that runs PostgreSQL: `<it> -m rehearsal.aws.redshift`."""
    return _named("HEADGATE_POSTGRES", "postgres/bin/python")


def trino() -> Path:
    """What is left where Trino was installed completely: `python -m rehearsal.aws.athena.trino_install`."""
    cache = Path(os.environ.get("HEADGATE_CACHE") or ROOT / ".cache").absolute()
    return cache / "trino" / "server-476" / ".ready"


@cache
def may_mount() -> bool:
    """True when a file system can be mounted: tried, since a container's root may not."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run([*as_root(), "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)
        return not mounted.returncode and not subprocess.run([*as_root(), "umount", folder]).returncode


def as_root() -> list[str]:
    """The words before a command that root must run."""
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


PARTS: Mapping[str, Callable[[], Path]] = {
    "real data": real_data,
    "awsglue": awsglue,
    "ministack": ministack,
    "cloudsplaining": cloudsplaining,
    "trino": trino,
    "postgres": postgres,
}


# What the machine must allow: for a file system that is full or read-only, a small one is mounted.
ALLOWED: Mapping[str, Callable[[], bool]] = {"mounting": may_mount}


def is_there(name: str) -> bool:
    """True when the program is on the PATH, the part where it is expected, or the machine allows it."""
    if name in ALLOWED:
        return ALLOWED[name]()
    return PARTS[name]().exists() if name in PARTS else shutil.which(name) is not None


def insist(name: str) -> None:
    """Skip the running test when `name` is absent; on CI fail it."""
    if is_there(name):
        return
    place = f"not at {PARTS[name]()}" if name in PARTS else "not on the PATH"
    place = "not allowed (by root, or by sudo without a password)" if name in ALLOWED else place
    allowed = [part.strip() for part in os.environ.get("HEADGATE_WITHOUT", "").split(",")]
    if os.environ.get("CI") and name not in allowed:
        pytest.fail(f"needs {name}: {place}, and on CI nothing may be missing", pytrace=False)
    pytest.skip(f"needs {name}: {place}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for what the test is marked to need before anything of it runs."""
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            insist(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the skipped tests by reason."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    if reasons:
        terminalreporter.section("not tested here", sep="-")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:4} x {reason}")


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
