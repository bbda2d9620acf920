"""`headgate run` as a person types it, on the example of four rows: the whole process with its JVM."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.meter import Meter

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: a JVM outlives the Python that started it


def work(spark: None, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """Run the command, and wait for all processes that it started: only those that have ended are counted."""
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)
    words = ["--contracts", str(contracts), "--source", str(source), "--lake", str(out / "lake")]
    subprocess.run([sys.executable, "-m", "headgate.cli.app", "run", *words], check=True, capture_output=True)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return {}
