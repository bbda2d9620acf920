"""The zips of the function `flatten_json`: handler, the part of the library that it imports, wheels and plans.

The same sources give the same bytes. The layout is that of AWS's guide for Python functions: everything lies at the
top, which is on the path of imports. AWS's SDK is not in the zip: the runtime has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headgate.deploy.archive import write_zip
from headgate.deploy.checkout import Checkout, files_below
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.function_wheels import ARCHITECTURES, PYTHON, REQUIREMENTS, function_wheels, installed
from headgate.deploy.imports import imported_files
from headgate.flatten.plan import FILE_NAME

FUNCTION = "flatten_json"
WANTED_BYTES = 80_000_000  # above it a cold start takes notably longer
AWS_BYTES = 250 * 1024 * 1024  # what AWS allows, unzipped
_NOT_RELEASED = ("requirements.in", REQUIREMENTS, "README.md")


@dataclass(frozen=True)
class FunctionZip:
    """A zip that was built, and its size when unzipped."""

    file: Path
    unzipped: int

    def __str__(self) -> str:
        size = f"{self.file.name} {self.unzipped / 1e6:.1f} MB unzipped"
        return f"{size}, over the {WANTED_BYTES // 10**6} MB that a fast start wants" if self.large else size

    @property
    def large(self) -> bool:
        """Whether it is larger than wanted."""
        return self.unzipped > WANTED_BYTES


def build_function_zips(
    source: Checkout, plans: str, folder: Path, *, python: str = PYTHON, architectures: Iterable[str] = ARCHITECTURES
) -> list[FunctionZip]:
    """Build the zips into `folder`/lambdas; `plans` is the content of flatten.json.

    Raises `CannotDeploy` when the checkout lacks the function, two wheels have the same file, or the zip is larger than
    AWS allows.
    """
    code = source.lambdas / FUNCTION
    if not (code / "handler.py").is_file():
        raise CannotDeploy(
            "the function that flattens documents is missing, and a contract has `arrive: events`",
            where=str(code),
            remedy="Restore the folder lambdas/ of the checkout.",
        )
    own = _own_files(source, code) | {FILE_NAME: plans.encode()}
    (folder / "lambdas").mkdir(parents=True, exist_ok=True)
    return [_build(code, own, architecture, python, folder) for architecture in architectures]


def _own_files(source: Checkout, code: Path) -> dict[str, bytes]:
    """The function's files, and what they import of the library."""
    files = {name: path for name, path in files_below(code) if name not in _NOT_RELEASED}
    programs = [path for path in files.values() if path.suffix == ".py"]
    library = imported_files(programs, source.root / "shared" / "headgate")
    return {name: path.read_bytes() for name, path in {**library, **files}.items()}


def _build(code: Path, own: dict[str, bytes], architecture: str, python: str, folder: Path) -> FunctionZip:
    entries = dict(own)
    for wheel in function_wheels(code / REQUIREMENTS, architecture, python):
        for name, content in installed(wheel).items():
            if entries.setdefault(name, content) != content:
                raise CannotDeploy(f"{wheel.name} and another wheel both have {name}", where=str(code / REQUIREMENTS))
    unzipped = sum(map(len, entries.values()))
    target = folder / "lambdas" / f"{FUNCTION}-{architecture}.zip"
    if unzipped > AWS_BYTES:
        raise CannotDeploy(
            f"{target.name} has {unzipped / 1e6:.0f} MB unzipped, and AWS allows {AWS_BYTES / 1e6:.0f}",
            where=str(code / REQUIREMENTS),
            remedy="Remove a requirement, or use a smaller one.",
        )
    write_zip(target, entries)
    return FunctionZip(target, unzipped)
