"""The checkout that is released and planned: the paths of its parts, and its version."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import UnusableArgument

_PARTS = ("pyproject.toml", "shared/headgate", "glue_jobs", "contracts", "sql", "terraform")
_IGNORED = {"__pycache__", ".DS_Store"}


@dataclass(frozen=True)
class Checkout:
    """A folder with the library, job scripts, contracts, SQL and Terraform."""

    root: Path

    @property
    def contracts(self) -> Path:
        """The folder of the contracts."""
        return self.root / "contracts"

    @property
    def sql(self) -> Path:
        """The folder with marts/, athena/ and analysis/."""
        return self.root / "sql"

    @property
    def scripts(self) -> Path:
        """The folder of the job scripts."""
        return self.root / "glue_jobs"

    @property
    def lambdas(self) -> Path:
        """The folder with a folder per Lambda function."""
        return self.root / "lambdas"

    @property
    def terraform(self) -> Path:
        """The folder of Terraform's root module."""
        return self.root / "terraform"

    @property
    def environments(self) -> Path:
        """The folder with one tfvars file per environment."""
        return self.terraform / "environments"

    @property
    def plans(self) -> Path:
        """The folder of saved plans that are not applied yet."""
        return self.root / "dist" / "plans"

    @property
    def version(self) -> str:
        """The version in pyproject.toml, the only place that defines it."""
        return str(tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def checkout(folder: Path) -> Checkout:
    """Return the checkout in `folder`. Raises `UnusableArgument` when a part of it is missing."""
    missing = [part for part in _PARTS if not (folder / part).exists()]
    if missing:
        raise UnusableArgument(
            f"is not a checkout of Headgate: it lacks {', '.join(missing)}",
            where=str(folder),
            remedy="Run the command in the folder of the checkout, or name that folder with --checkout.",
        )
    return Checkout(folder.resolve())


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file below a folder with its relative path, sorted by bytes, without editor and cache files.

    Hidden files are included if they are YAML, because Terraform's hash of the contracts includes them.
    """
    files = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return iter(sorted((file for file in files if _is_source(Path(file[0]))), key=lambda file: file[0].encode()))


def copy_files(files: Iterable[tuple[str, Path]], folder: Path) -> None:
    """Copy files into `folder`, each to the relative path it is given with."""
    for name, path in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _is_source(path: Path) -> bool:
    if _IGNORED & set(path.parts) or path.suffix == ".pyc":
        return False
    return path.suffix in (".yaml", ".yml") or not path.name.startswith(".")
