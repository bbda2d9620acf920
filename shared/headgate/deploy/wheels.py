"""Download wheels from the package index, for Glue's platform only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from headgate.deploy.errors import CannotDeploy
from headgate.deploy.glue import glue


def download(requirements: Sequence[str], folder: Path) -> list[Path]:
    """Download exactly these wheels (`name==version`, or `-r` and a file of them), without their dependencies."""
    digits = glue().python.replace(".", "")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    pip += ["--only-binary=:all:", "--python-version", digits, "--implementation", "cp", "--dest", str(folder)]
    pip += [word for abi in (f"cp{digits}", "abi3", "none") for word in ("--abi", abi)]
    pip += [word for platform in (*glue().platforms, "any") for word in ("--platform", platform)]
    done = subprocess.run([*pip, *requirements], capture_output=True, text=True)
    if done.returncode:
        raise CannotDeploy(
            f"the wheels for Glue could not be downloaded: {done.stderr.strip()}",
            where="wheelhouse",
            remedy="Check the network and pip's index, then run the same command again. If a hash differs, the index "
            "served another file than the pinned one: do not use it.",
        )
    return sorted(folder.glob("*.whl"))
