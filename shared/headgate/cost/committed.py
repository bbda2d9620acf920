"""The contracts as git has them at a commit."""

from __future__ import annotations

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headgate.contract.load import sql_root
from headgate.errors import UnusableArgument

_REMEDY = "Name a commit, a branch or a tag with --against, or `last-run` for the sizes that the last runs had."


@contextmanager
def contracts_at(folder: Path, ref: str) -> Iterator[Path]:
    """Yield a temporary folder with the contracts and queries of `folder` at a commit.

    Raises `UnusableArgument` where there is no git repository, no such commit, or no contracts in it.
    """
    if not folder.is_dir():
        raise UnusableArgument("there is no such folder of contracts", where=str(folder), remedy="Name it.")
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    _git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", what=f"git knows no commit `{ref}`")
    inside = folder.resolve().relative_to(top.resolve())
    wanted = [inside, *(at for at in [_below(sql_root(folder), top)] if at and _exists(top, ref, at))]
    missing = f"there are no contracts in `{inside}` at `{ref}`"
    archive = _git(top, "archive", "--format=zip", ref, "--", *map(str, wanted), what=missing)
    with tempfile.TemporaryDirectory(prefix="headgate-") as at:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:  # tarfile is safe from Python 3.11.4 on only
            files.extractall(at)
        yield Path(at, inside)


def _below(folder: Path, top: Path) -> Path | None:
    """The path of a folder in the repository; None for one outside."""
    at = folder.resolve()
    return at.relative_to(top.resolve()) if at.is_relative_to(top.resolve()) else None


def _exists(top: Path, ref: str, path: Path) -> bool:
    return subprocess.run(["git", "-C", top, "cat-file", "-e", f"{ref}:{path}"], capture_output=True).returncode == 0


def _git(at: Path, *words: str, what: str = "this is not a folder of a git repository") -> bytes:
    try:
        done = subprocess.run(["git", "-C", at, *words], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnusableArgument(what, where=str(at), remedy=_REMEDY) from error
    return done.stdout
