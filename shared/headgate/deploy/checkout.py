"""The checkout that is released and planned: where its parts lie, and the version that it says it is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import UnusableArgument

_PARTS = ("pyproject.toml", "shared/headgate", "glue_jobs", "contracts", "sql", "terraform")
_LEFT_BEHIND = {"__pycache__", ".DS_Store"}


@dataclass(frozen=True)
class Checkout:
    """A folder that holds library, scripts, contracts, SQL and Terraform."""

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
    def terraform(self) -> Path:
        """The folder of Terraform's root."""
        return self.root / "terraform"

    @property
    def environments(self) -> Path:
        """The folder with one file of values per environment."""
        return self.terraform / "environments"

    @property
    def plans(self) -> Path:
        """Where saved plans lie until they are applied."""
        return self.root / "dist" / "plans"

    @property
    def version(self) -> str:
        """The version in pyproject.toml, the only place where it stands."""
        return str(tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def checkout(folder: Path) -> Checkout:
    """The checkout in `folder`. Raises `UnusableArgument` when a part is missing."""
    missing = [part for part in _PARTS if not (folder / part).exists()]
    if missing:
        raise UnusableArgument(
            f"is no checkout of Headgate: there is no {', '.join(missing)}",
            where=str(folder),
            remedy="Run it in the folder that holds them, or name that folder with --checkout.",
        )
    return Checkout(folder.resolve())


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder by its path in it, in order of bytes; what machines leave behind is passed over.

    A hidden file counts when it is YAML, since Terraform's hash of the contracts counts it.
    """
    found = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    return iter(sorted((one for one in found if _belongs(Path(one[0]))), key=lambda one: one[0].encode()))


def _belongs(path: Path) -> bool:
    if _LEFT_BEHIND & set(path.parts) or path.suffix == ".pyc":
        return False
    return path.suffix in (".yaml", ".yml") or not path.name.startswith(".")
