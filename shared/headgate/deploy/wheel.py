"""Build the library's wheel: the same sources give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from headgate.deploy.archive import EPOCH, read_zip, write_zip
from headgate.deploy.checkout import Checkout, copy_files, files_below
from headgate.deploy.errors import CannotDeploy

_PROJECT_FILES = ("pyproject.toml", "README.md", "LICENSE")


def wheel_name(version: str) -> str:
    """The wheel's file name, as terraform/release.tf expects it."""
    return f"headgate-{version}-py3-none-any.whl"


def build_wheel(source: Checkout, folder: Path) -> Path:
    """Build the checkout's wheel into `folder`.

    It is built from a copy, so that leftovers of earlier builds stay out, and packed again, so that its bytes depend
    neither on timestamps and permissions nor on this machine's compressor. Raises `CannotDeploy` with pip's output.
    """
    with tempfile.TemporaryDirectory(prefix="headgate-wheel-") as work:
        copy, out = Path(work, "source"), Path(work, "out")
        _copy(source, copy)
        _run_pip_wheel(copy, out)
        built = next(out.glob("*.whl"))
        if built.name != wheel_name(source.version):
            raise CannotDeploy(
                f"the wheel is named {built.name}, but jobs install {wheel_name(source.version)}",
                where="pyproject.toml",
                remedy="Write the version in its normal form, such as 0.1.0 or 0.1.0rc1, and keep the name `headgate`.",
            )
        write_zip(folder / built.name, read_zip(built))
    return folder / wheel_name(source.version)


def _copy(source: Checkout, copy: Path) -> None:
    library = source.root / "shared" / "headgate"
    copy_files(files_below(library), copy / "shared" / "headgate")
    paths = {name: source.root / name for name in _PROJECT_FILES}
    copy_files([(name, path) for name, path in paths.items() if path.is_file()], copy)


def _run_pip_wheel(copy: Path, out: Path) -> None:
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
            remedy="Run `make setup`: it installs the pinned build tools.",
        )
