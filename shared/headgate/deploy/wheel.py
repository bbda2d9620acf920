"""The wheel of the library, the same bytes from the same sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from headgate.deploy.archive import EPOCH, read_zip, write_zip
from headgate.deploy.checkout import Checkout, files_below
from headgate.deploy.errors import CannotDeploy

_BESIDE = ("pyproject.toml", "README.md", "LICENSE")


def wheel_name(version: str) -> str:
    """The file's name, as terraform/release.tf expects it."""
    return f"headgate-{version}-py3-none-any.whl"


def build_wheel(source: Checkout, folder: Path) -> Path:
    """Build the checkout's wheel into `folder`.

    It is built from a copy, so that nothing an earlier build left behind gets in, and packed anew, so that neither
    times nor rights nor the compressor of this machine show. Raises `CannotDeploy` with the builder's words.
    """
    with tempfile.TemporaryDirectory(prefix="headgate-wheel-") as made:
        copy, out = Path(made, "source"), Path(made, "out")
        _copy(source, copy)
        _run_builder(copy, out)
        built = next(out.glob("*.whl"))
        if built.name != wheel_name(source.version):
            raise CannotDeploy(
                f"the wheel became {built.name}, jobs look for {wheel_name(source.version)}",
                where="pyproject.toml",
                remedy="Write the version in its normal form, such as 0.1.0 or 0.1.0rc1, and keep the name `headgate`.",
            )
        write_zip(folder / built.name, read_zip(built))
    return folder / wheel_name(source.version)


def _copy(source: Checkout, copy: Path) -> None:
    library = source.root / "shared" / "headgate"
    files = [(f"shared/headgate/{name}", path) for name, path in files_below(library)]
    files += [(name, source.root / name) for name in _BESIDE if (source.root / name).is_file()]
    for name, path in files:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _run_builder(copy: Path, out: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    done = subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--no-index", "--no-cache-dir", "--wheel-dir", out, copy],
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise CannotDeploy(
            f"the wheel could not be built: {(done.stderr or done.stdout).strip()}",
            where=str(copy.name),
            remedy="Run `make setup`: it installs the builder that is pinned.",
        )
