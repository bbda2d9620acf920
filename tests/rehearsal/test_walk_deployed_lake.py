"""How long the walk waits for Terraform: until all but lifecycles is created, or Terraform has ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.emulator import Emulator
from rehearsal.walk.commands import Command
from rehearsal.walk.deployed_lake import DeployedLake, Planned

BUCKET, QUEUE = 'module.storage.aws_s3_bucket.this["raw"]', "module.pipeline.aws_sqs_queue.arrivals"
LIFECYCLE = 'module.storage.aws_s3_bucket_lifecycle_configuration.this["raw"]'
CREATED = "{}: Creation complete after 1s [id=x]\\n"


def _apply(folder: Path, log: str, then: str) -> Command:
    return Command("terraform", ["sh", "-c", f"printf '{log}'; {then}"], folder, os.environ, folder / "apply.log")


@pytest.fixture
def lake(tmp_path: Path) -> DeployedLake:
    """A lake whose commands write into the test's folder."""
    return DeployedLake.at(Emulator("http://127.0.0.1:9", os.getpid(), tmp_path))


def test_files_may_arrive_while_only_lifecycles_are_checked(lake: DeployedLake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, LIFECYCLE}), {})
    with _apply(tmp_path, CREATED.format(BUCKET), "exec sleep 600") as apply:
        lake.await_created(planned, apply)
        assert not apply.ended
    assert apply.ended


def test_no_file_arrives_before_the_rest_is_created(lake: DeployedLake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, QUEUE, LIFECYCLE}), {})
    then = f"sleep 1; touch {tmp_path}/later; printf '{CREATED.format(QUEUE)}'; exec sleep 600"
    with _apply(tmp_path, CREATED.format(BUCKET), then) as apply:
        lake.await_created(planned, apply)
        assert (tmp_path / "later").exists()


def test_an_apply_that_fails_is_reported_with_the_end_of_its_log(lake: DeployedLake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, QUEUE}), {})
    with (
        _apply(tmp_path, CREATED.format(BUCKET), "echo no such queue; exit 1") as apply,
        pytest.raises(RunFailed, match="no such queue"),
    ):
        lake.await_created(planned, apply)
