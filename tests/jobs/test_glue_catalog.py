"""The same lake under a Glue catalog and in a bucket, on an emulator of AWS that checks Glue's `VersionId`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from glue_smoke import ROWS, WRITERS

import needs

pytestmark = pytest.mark.needs("ministack")
NOBODY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator on the loopback address, for as long as these tests take."""
    folder, port = tmp_path_factory.mktemp("aws"), _free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "TMPDIR": str(folder)}
    with (folder / "said").open("w") as said:
        command = [str(needs.ministack()), "-m", "ministack"]
        aws = subprocess.Popen(command, cwd=folder, env={**os.environ, **settings}, stdout=said, stderr=said)
        try:
            _wait_for(f"http://127.0.0.1:{port}", aws)
            yield f"http://127.0.0.1:{port}"
        finally:
            aws.terminate()
            try:
                aws.wait(10)
            except subprocess.TimeoutExpired:
                aws.kill()
                aws.wait()


def _wait_for(address: str, aws: subprocess.Popen[bytes], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and aws.poll() is None:
        try:
            with urlopen(f"{address}/_ministack/health", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the emulator does not answer")


@pytest.fixture(scope="module")
def found(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the process with the larger Spark has found."""
    script = Path(__file__).with_name("glue_smoke.py")
    paths = os.pathsep.join(str(needs.ROOT / part) for part in ("shared", "tests"))
    region = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path_factory.mktemp("glue")), endpoint],
        env={**os.environ, **NOBODY, **region, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_merge_makes_a_glue_table_updates_and_inserts_and_then_finds_nothing_new(found: dict[str, Any]) -> None:
    merged = found["merged"]
    assert merged["errors"] == []
    assert merged["status"] == ["published", "published", "unchanged"]
    assert merged["counts"] == [2, 1, 1, 1]  # inserted and quarantined; updated and inserted
    assert merged["rows"] == [["a", "1.00"], ["b", "3.00"], ["d", "4.00"]]
    assert merged["ledger"][0] == merged["ledger"][1]  # the run's own and the table's


def test_the_rows_of_a_rewritten_object_make_way_in_a_glue_table(found: dict[str, Any]) -> None:
    appended = found["appended"]
    assert (appended["errors"], appended["status"]) == ([], ["published", "published"])
    assert appended["removed"] == 2
    assert appended["rows"] == [["2"], ["3"], ["4"], ["5"]]


def test_of_four_writers_at_once_nothing_is_lost_in_a_glue_table(found: dict[str, Any]) -> None:
    raced = found["raced"]
    assert raced["failed"] == []
    theirs = {f"{writer}-{n}" for writer in range(WRITERS) for n in range(ROWS)}
    assert raced["rows"] == sorted({"a", "b", "d"} | theirs)
    assert raced["read"] == sorted(["orders/a.csv", "orders/b.csv", *(f"orders/w{n}.csv" for n in range(WRITERS))])
    assert raced["moved"], "no writer met another one: nothing was tried"
    assert raced["refs"] == ["main"]
