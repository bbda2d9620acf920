"""How long the walk waits for Terraform: until all is made but what the provider only looks at, or it has ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.emulator import Service
from rehearsal.walk.commands import Command
from rehearsal.walk.deployed_lake import Lake, Planned

BUCKET, QUEUE = 'module.storage.aws_s3_bucket.this["raw"]', "module.pipeline.aws_sqs_queue.arrivals"
LIFECYCLE = 'module.storage.aws_s3_bucket_lifecycle_configuration.this["raw"]'
MADE = "{}: Creation complete after 1s [id=x]\\n"


def _apply(folder: Path, says: str, then: str) -> Command:
    return Command("terraform", ["sh", "-c", f"printf '{says}'; {then}"], folder, os.environ, folder / "apply.log")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake whose commands write into the test's folder."""
    return Lake.at(Service("http://127.0.0.1:9", os.getpid(), tmp_path))


def test_files_may_arrive_while_only_lifecycles_are_looked_at(lake: Lake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, LIFECYCLE}), {})
    with _apply(tmp_path, MADE.format(BUCKET), "exec sleep 600") as apply:
        lake.made(planned, apply)
        assert not apply.ended
    assert apply.ended


def test_nothing_arrives_before_the_rest_is_made(lake: Lake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, QUEUE, LIFECYCLE}), {})
    then = f"sleep 1; touch {tmp_path}/later; printf '{MADE.format(QUEUE)}'; exec sleep 600"
    with _apply(tmp_path, MADE.format(BUCKET), then) as apply:
        lake.made(planned, apply)
        assert (tmp_path / "later").exists()


def test_an_apply_that_breaks_is_told_with_its_last_words(lake: Lake, tmp_path: Path) -> None:
    planned = Planned(frozenset({BUCKET, QUEUE}), {})
    with (
        _apply(tmp_path, MADE.format(BUCKET), "echo no such queue; exit 1") as apply,
        pytest.raises(RunFailed, match="no such queue"),
    ):
        lake.made(planned, apply)
