"""Start the emulator with our adapters as a process of this machine, and end it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from headgate.errors import RunFailed
from headgate.spark.engine import java_home
from headgate.spark.jars import cache_folder, spark_home
from rehearsal.account import ACCOUNT, REGION, EmulatedAccount, without_own_account
from rehearsal.aws.jobs.classes import archives
from rehearsal.aws.jobs.glue_python import base_folder, empty_python
from rehearsal.aws.jobs.jars import format_jars, s3a_jars
from rehearsal.aws.lambda_.runtime_python import sdk_folder
from rehearsal.processes import ending, free_port

ROOT = Path(__file__).resolve().parents[1]
ADAPTERS = (
    "rehearsal.aws.arns",
    "rehearsal.aws.rules",
    "rehearsal.aws.jobs.service",
    "rehearsal.aws.lambda_.service",
    "rehearsal.aws.step_functions",
    "rehearsal.aws.scheduler",
    "rehearsal.aws.s3a",
    "rehearsal.aws.crawlers.service",
)
LOG = "emulator.log"
_STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Emulator(EmulatedAccount):
    """A running emulator: its address, its process, and the folder of its files."""

    pid: int
    folder: Path

    @property
    def calls(self) -> Path:
        """The file of every call that it got, one line of JSON each."""
        return self.folder / "calls.jsonl"


def ministack() -> Path:
    """The Python that has the emulator: HEADGATE_MINISTACK, else the cache's. Raises `RunFailed`."""
    python = Path(os.environ.get("HEADGATE_MINISTACK") or cache_folder() / "ministack" / "bin" / "python").absolute()
    if not python.exists():
        raise RunFailed("the emulator is not installed", where=str(python), remedy="Run `make ministack`.")
    return python


@contextmanager
def running_emulator(
    folder: Path,
    adapters: Sequence[str] = ADAPTERS,
    *,
    more: Mapping[str, Any] | None = None,
    keep: bool = False,
    wait_scale: float = 1.0,
) -> Iterator[Emulator]:
    """Start the emulator with its files in `folder`; it ends with the block unless it is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {**settings(folder, free_port(), adapters, dies_with_parent=not keep), **(more or {})}
    process = _start(folder, given, wait_scale)
    with ending(process, keep=keep):
        _must_answer(given["endpoint"], process, folder)
        yield Emulator(given["endpoint"], process.pid, folder)


def settings(folder: Path, port: int, adapters: Sequence[str], *, dies_with_parent: bool) -> dict[str, Any]:
    """The settings that `rehearsal.aws.server` reads."""
    cache = cache_folder() / "rehearsal"
    awsglue = Path(os.environ.get("HEADGATE_AWSGLUE") or cache_folder() / "awsglue")
    return {
        "endpoint": f"http://127.0.0.1:{port}",
        "port": port,
        "account": ACCOUNT,
        "region": REGION,
        "folder": str(folder),
        "calls": str(folder / "calls.jsonl"),
        "adapters": list(adapters),
        "python": sys.executable,
        "dies_with_parent": dies_with_parent,
        "jobs": {
            "python": str(empty_python(cache)),
            "path": [str(base_folder(cache)), *([str(awsglue)] if awsglue.is_dir() else [])],
            "cache": str(cache),
            "jars": [str(jar) for jar in s3a_jars()],
            "formats": {name: [str(jar) for jar in jars] for name, jars in format_jars().items()},
            "java_home": str(java_home()),
            "archives": archives(cache),
            "spark_home": str(spark_home()),
            "memory": "1g",
            "cores": 2,
            "at_once": 4,
        },
        "lambda": {"python": str(empty_python(cache)), "path": [str(sdk_folder(cache))]},
    }


def _start(folder: Path, given: Mapping[str, Any], wait_scale: float) -> subprocess.Popen[bytes]:
    file = folder / "settings.json"
    file.write_text(json.dumps(given, indent=1), encoding="utf-8")
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    env = {
        **without_own_account(),
        "REHEARSAL_SETTINGS": str(file),
        "PYTHONPATH": str(ROOT),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(given["port"]),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",  # a caller with a role's credentials may do what the role's policies allow
        "SFN_WAIT_SCALE": str(wait_scale),
        "LOG_LEVEL": "INFO",
        "TMPDIR": str(temporary),
    }
    with (folder / LOG).open("w") as out:
        command = [str(ministack()), "-m", "rehearsal.aws.server"]
        return subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out, start_new_session=True)


def _must_answer(endpoint: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{endpoint}/_ministack/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RunFailed(
        f"the emulator does not answer; the end of its log:\n{(folder / LOG).read_text()[-3000:]}",
        where=endpoint,
        remedy="Run `make ministack`: it installs the pinned version. Another version may lack what the adapters use.",
    )
