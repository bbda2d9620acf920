"""`headgate` and the job scripts as a person starts them: in a process of their own."""

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
    return _ended([sys.executable, "-m", "headgate.cli", *words], env or {}, cwd)


def job(script: str, *words: str, env: Mapping[str, str] | None = None) -> Ended:
    """Run a job script to its end."""
    return _ended([sys.executable, str(ROOT / "glue_jobs" / script), *words], env or {}, ROOT)


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
