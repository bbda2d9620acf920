"""Build a release: everything that jobs run, in one folder (terraform/README.md lists its files)."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from headgate.deploy.checkout import Checkout, copy_files, files_below
from headgate.deploy.digest import SUMS, folder_sha256, sha256_of, sums_text
from headgate.deploy.function_wheels import PYTHON
from headgate.deploy.function_zip import FunctionZip, build_function_zips
from headgate.deploy.wheel import build_wheel, wheel_name
from headgate.deploy.wheelhouse import WHEELHOUSE, build_wheelhouse
from headgate.errors import UnusableArgument
from headgate.flatten.plan import plans_of, written
from headgate.lake.address import lake_at
from headgate.project import load_project

DESCRIPTION = "release.json"
_VERSION = re.compile(r"\d+\.\d+\.\d+[a-z0-9.]*")  # the same as in terraform/variables.tf


@dataclass(frozen=True)
class Release:
    """A release that was built: its folder, and the SHA-256 of each file in it by path."""

    version: str
    folder: Path
    sums: dict[str, str]
    zips: tuple[FunctionZip, ...] = field(default=())

    @property
    def text(self) -> str:
        """The content of SHA256SUMS."""
        return sums_text(self.sums)

    def __str__(self) -> str:
        wheel, wheelhouse = (_megabytes(self.folder / name) for name in (wheel_name(self.version), WHEELHOUSE))
        contracts = sum(name.startswith("contracts/") for name in self.sums)
        zips = "".join(f", {function}" for function in self.zips)
        return (
            f"wheel {wheel}, wheelhouse {wheelhouse}{zips}, {contracts} contract files; {len(self.sums)} files in total"
        )


def build_release(source: Checkout, version: str, out: Path, lambda_python: str = PYTHON) -> Release:
    """Build `out/<version>` from scratch; `lambda_python` is the Python of the function's runtime.

    Raises `UnusableArgument` when the checkout has another version, and `UnusableContract` with every fault of every
    contract.
    """
    _require_version(source, version)
    project = load_project(source.contracts, lake_at("lake"))
    folder = out / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    build_wheelhouse(folder, build_wheel(source, folder))
    _copy_texts(source, folder)
    plans = plans_of(project.contracts.values())
    zips = build_function_zips(source, written(plans), folder, python=lambda_python) if plans else []
    text = description(source, version, lambda_python if zips else None)
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")
    release = Release(version, folder, {name: sha256_of(path) for name, path in files_below(folder)}, tuple(zips))
    (folder / SUMS).write_text(release.text, encoding="utf-8")
    return release


def description(source: Checkout, version: str, lambda_python: str | None = None) -> str:
    """Return release.json: the version, and the hashes by which Terraform recognises the contracts and the SQL.

    With the Python of the function's zips, if there are any.
    """
    content = {
        "version": version,
        "contracts_sha256": folder_sha256(source.contracts, (".yaml", ".yml")),
        "sql_sha256": folder_sha256(source.sql, (".sql",)),
        **({"lambda_python": lambda_python} if lambda_python else {}),
    }
    return json.dumps(content, indent=2) + "\n"


def _require_version(source: Checkout, version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise UnusableArgument(f"`{version}` is not a version", remedy="Write it like 0.1.0.")
    if version != source.version:
        raise UnusableArgument(
            f"the checkout is version {source.version}, but the requested release is {version}",
            where="pyproject.toml",
            remedy=f'Set `version = "{version}"` there and commit it, or release {source.version}.',
        )


def _copy_texts(source: Checkout, folder: Path) -> None:
    for part in (source.contracts, source.sql, source.scripts):
        files = [(name, path) for name, path in files_below(part) if part != source.scripts or path.suffix == ".py"]
        copy_files(files, folder / part.name)


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"
