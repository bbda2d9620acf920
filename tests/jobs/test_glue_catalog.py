"""The same lake under a Glue catalog and in a bucket, on an emulator of AWS that checks Glue's `VersionId`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glue_smoke import ROWS, WRITERS

import needs
from aws_emulator import emulator

pytestmark = pytest.mark.needs("ministack")
NOBODY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator on the loopback address, for as long as these tests take."""
    with emulator(tmp_path_factory.mktemp("aws")) as address:
        yield address


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


def test_a_glue_table_is_maintained_and_put_back_and_goes_on(found: dict[str, Any]) -> None:
    maintained = found["maintained"]
    assert maintained["result"] == ["maintained", "None", 5, 1]
    assert maintained["same"]
    assert maintained["rows"] == [7, 6, 7]
    assert maintained["status"] == ["skipped", "hold", "published"]
