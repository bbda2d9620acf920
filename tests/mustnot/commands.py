"""`headgate` as a person starts it: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import Bench
from needs import ROOT

Ended = subprocess.CompletedProcess[str]


def headgate(*words: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Ended:
    """Run the command line to its end."""
    return _ended([sys.executable, "-m", "headgate.cli.app", *words], env or {}, cwd)


def run_words(bench: Bench, *more: str) -> list[str]:
    """`run` with the folders of a project."""
    folders = {"--contracts": "contracts", "--source": "staging", "--lake": "lake"}
    return ["run", *more, *(word for option, name in folders.items() for word in (option, str(bench.root / name)))]


def is_for_a_person(ended: Ended) -> bool:
    """True when nothing that it printed is a stack trace, of Python or of Java."""
    told = ended.stdout + ended.stderr
    return not any(mark in told for mark in ("Traceback (most recent", "\tat org.", "\tat java.", "Py4JJavaError"))


def _ended(words: Sequence[str], env: Mapping[str, str], cwd: Path) -> Ended:
    path = os.pathsep.join([str(ROOT / "shared"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "HEADGATE_MEMORY": "1g", "COLUMNS": "200", **env}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600)
