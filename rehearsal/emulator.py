"""The emulator with our adapters, as a process of this machine: its settings, its start and its end."""

from __future__ import annotations

import json
import os
import signal
import socket
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

import boto3
from botocore.config import Config

from headgate.errors import RunFailed
from headgate.spark.engine import java_home
from headgate.spark.jars import cache_folder, spark_home
from rehearsal.aws.jobs.classes import archives
from rehearsal.aws.jobs.glue_python import base_folder, empty_python
from rehearsal.aws.jobs.jars import format_jars, s3a_jars

ROOT = Path(__file__).resolve().parents[1]
ACCOUNT = "123456789012"  # the emulator takes an access key of twelve digits for the account's own
REGION = "eu-west-1"
ADAPTERS = (
    "rehearsal.aws.glue_arns",
    "rehearsal.aws.arns",
    "rehearsal.aws.jobs.service",
    "rehearsal.aws.step_functions",
    "rehearsal.aws.scheduler",
    "rehearsal.aws.s3a",
    "rehearsal.aws.crawlers.service",
)
_STARTS_WITHIN = 60.0
_ENDS_WITHIN = 15.0
_THEIRS = ("AWS_", "TF_VAR_", "TF_WORKSPACE", "TF_DATA_DIR")  # what a developer has set for an account of their own


@dataclass(frozen=True)
class Service:
    """A running emulator: where it is, its process, and the file of what was asked of it."""

    endpoint: str
    pid: int
    folder: Path

    @property
    def calls(self) -> Path:
        """One line of JSON per call."""
        return self.folder / "calls.jsonl"

    def env(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment in which AWS means this emulator, and nothing else."""
        kept = {name: text for name, text in base.items() if not name.startswith(_THEIRS)}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A client of one service, as the account's own."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="none",
            config=Config(s3={"addressing_style": "path"}, inject_host_prefix=False, retries={"max_attempts": 1}),
        )


def ministack() -> Path:
    """The Python that has the emulator: HEADGATE_MINISTACK, else the cache's. Raises `RunFailed`."""
    found = Path(os.environ.get("HEADGATE_MINISTACK") or cache_folder() / "ministack" / "bin" / "python").absolute()
    if not found.exists():
        raise RunFailed("the emulator is not installed", where=str(found), remedy="Run `make ministack`.")
    return found


@contextmanager
def serving(
    folder: Path,
    adapters: Sequence[str] = ADAPTERS,
    *,
    more: Mapping[str, Any] | None = None,
    keep: bool = False,
    wait_scale: float = 1.0,
) -> Iterator[Service]:
    """Start the emulator with its files in `folder`; it ends with the block unless it is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {**settings(folder, free_port(), adapters, dies_with_parent=not keep), **(more or {})}
    process = _started(folder, said, wait_scale)
    try:
        _must_answer(said["endpoint"], process, folder)
        yield Service(said["endpoint"], process.pid, folder)
    except BaseException:
        end(process.pid, process)
        raise
    if keep:
        process.returncode = 0  # nobody waits for it any more
    else:
        end(process.pid, process)


def settings(folder: Path, port: int, adapters: Sequence[str], *, dies_with_parent: bool) -> dict[str, Any]:
    """What `rehearsal.aws.server` reads."""
    cache = cache_folder() / "rehearsal"
    glue_itself = cache_folder() / "awsglue"
    awsglue = Path(os.environ.get("HEADGATE_AWSGLUE") or glue_itself)
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
            "jars": [str(one) for one in s3a_jars()],
            "formats": {name: [str(one) for one in found] for name, found in format_jars().items()},
            "java_home": str(java_home()),
            "archives": archives(cache),
            "spark_home": str(spark_home()),
            "memory": "1g",
            "cores": 2,
            "at_once": 4,
        },
    }


def _started(folder: Path, said: Mapping[str, Any], wait_scale: float) -> subprocess.Popen[bytes]:
    file = folder / "settings.json"
    file.write_text(json.dumps(said, indent=1), encoding="utf-8")
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    env = {name: text for name, text in os.environ.items() if not name.startswith(_THEIRS)}
    env |= {
        "REHEARSAL_SETTINGS": str(file),
        "PYTHONPATH": str(ROOT),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(said["port"]),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",  # whoever comes with a role's credentials may do what the role's policies allow
        "SFN_WAIT_SCALE": str(wait_scale),
        "LOG_LEVEL": "INFO",
        "TMPDIR": str(temporary),
    }
    with (folder / "said").open("w") as out:
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
        f"the emulator does not answer; it said:\n{(folder / 'said').read_text()[-3000:]}",
        where=endpoint,
        remedy="`make ministack` installs the pinned one; another version may lack what the adapters hold on to.",
    )


def end(pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """End the service and every job of it; nothing is left listening."""
    _signal(pid, signal.SIGTERM)
    until = time.monotonic() + _ENDS_WITHIN
    while time.monotonic() < until and _lives(pid, process):
        time.sleep(0.05)
    if _lives(pid, process):
        _signal(pid, signal.SIGKILL)
        if process is not None:
            process.wait()


def _lives(pid: int, process: subprocess.Popen[bytes] | None) -> bool:
    if process is not None:
        return process.poll() is None
    try:
        os.kill(pid, 0)
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ProcessLookupError:
        return False
    except ChildProcessError:
        return True  # somebody else's child


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
