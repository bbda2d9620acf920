"""Separate checkouts for the tests of releases and plans, with the contracts of Terraform's tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headgate.deploy.__main__ import main
from headgate.deploy.checkout import Checkout, checkout, files_below
from headgate.deploy.digest import SUMS, sha256_of
from headgate.deploy.release import Release
from needs import ROOT

LAKE = ROOT / "terraform" / "tests" / "lake"
REGION = "eu-west-1"
PLACE = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
ENVIRONMENT = """\
name        = "lake"          # "quoted" words in a comment
environment = "dev"
region          = "eu-west-1"
allowed_regions = ["eu-west-1"]
release   = "0.1.0"
protected = false
monthly_budget_usd    = 10
athena_scan_limit_gb  = 1
athena_daily_limit_gb = 10
"""


def make_checkout(root: Path, version: str = "0.1.0") -> Checkout:
    """Copy everything that is released and planned, so that a test may change it."""
    root.mkdir(parents=True)
    unwanted = shutil.ignore_patterns("__pycache__", ".terraform", "*.tfstate*", "tests", "*.egg-info")
    for part in ("shared", "glue_jobs", "lambdas", "terraform"):
        shutil.copytree(ROOT / part, root / part, ignore=unwanted)
    for part in ("contracts", "sql"):
        shutil.copytree(LAKE / part, root / part)
    for name in ("README.md", "LICENSE", "requirements-dev.txt"):
        shutil.copy(ROOT / name, root / name)
    shutil.rmtree(root / "terraform" / "environments")
    (root / "terraform" / "environments").mkdir()
    (root / "terraform" / "environments" / "dev.tfvars").write_text(ENVIRONMENT)
    set_version(root, version)
    return checkout(root)


def set_version(root: Path, version: str) -> None:
    """Write a version into the checkout's pyproject.toml."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines(keepends=True)
    changed_lines = [f'version = "{version}"\n' if line.startswith("version = ") else line for line in lines]
    (root / "pyproject.toml").write_text("".join(changed_lines))


def add_to_environment(source: Checkout, *lines: str) -> None:
    """Add lines to the environment `dev`."""
    file = source.environments / "dev.tfvars"
    file.write_text(file.read_text() + "\n".join(lines) + "\n")


class Console:
    """The command line, called in this process: returns its exit code and all of its output."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *words: str, source: Checkout | None = None) -> tuple[int, str]:
        given = [*words, *(["--checkout", str(source.root)] if source else [])]
        self._monkeypatch.setattr(sys, "argv", ["deploy", *given])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capfd.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err


@contextmanager
def changed(file: Path, text: str) -> Iterator[None]:
    """Give a file another content for the duration of the block."""
    before = file.read_text()
    file.write_text(text)
    try:
        yield
    finally:
        file.write_text(before)


def small_release(folder: Path, text: str) -> Release:
    """A release with made-up files."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "sql").mkdir()
    (folder / "sql" / "mart.sql").write_text("SELECT 1")
    (folder / "contracts" / "orders.yaml").write_text(text)
    (folder / "headgate-0.1.0-py3-none-any.whl").write_bytes(b"wheel")
    (folder / "release.json").write_text('{"version": "0.1.0"}')
    release = Release("0.1.0", folder, {name: sha256_of(path) for name, path in files_below(folder)})
    (folder / SUMS).write_text(release.text)
    return release
