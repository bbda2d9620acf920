"""Download wheels from the package index, for the platform of Glue or of a Lambda function."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from headgate.deploy.errors import CannotDeploy
from headgate.deploy.glue import glue


def download(
    requirements: Sequence[str], folder: Path, *, python: str = "", platforms: Sequence[str] = ()
) -> list[Path]:
    """Download exactly these wheels (`name==version`, or `-r` and a file of them), without their dependencies.

    By default for Glue's Python and platform.
    """
    digits = (python or glue().python).replace(".", "")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    pip += ["--only-binary=:all:", "--python-version", digits, "--implementation", "cp", "--dest", str(folder)]
    pip += [word for abi in (f"cp{digits}", "abi3", "none") for word in ("--abi", abi)]
    pip += [word for platform in (*(platforms or glue().platforms), "any") for word in ("--platform", platform)]
    done = subprocess.run([*pip, *requirements], capture_output=True, text=True)
    if done.returncode:
        raise CannotDeploy(
            f"the wheels could not be downloaded: {done.stderr.strip()}",
            where="release",
            remedy="Check the network and pip's index, then run the same command again. If a hash differs, the index "
            "served another file than the pinned one: do not use it.",
        )
    return sorted(folder.glob("*.whl"))
