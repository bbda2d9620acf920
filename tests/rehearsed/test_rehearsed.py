"""The rehearsal itself, on real files: every step, every fault on purpose, and the faults that it must detect.

The tests share one lake and run in the order of this file: first what the rehearsal printed, then a copy of its
Terraform with faults in it, then a new release that fixes them, then the end.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from urllib.parse import urlsplit

import pytest
from broken import FAULTS, Fault, bring_in

from conftest import FIGURES, FOLDER, Rehearsed, rehearsal
from headgate.errors import RunFailed
from rehearsal.walk.faults import FIRST, THEN
from rehearsal.walk.kept_rehearsal import kept, take_down
from rehearsal.walk.proof import Delivered, deliver, must_arrive
from rehearsal.walk.scene import Scene

STEPS = (
    "bootstrap: the buckets of state and releases exist",
    "plan: saved",
    "apply: everything is created",
    "bootstrap and apply: both succeeded",
    "S3 → EventBridge → SQS → Scheduler → Step Functions → Glue: ",
    "marts: all are built",
    "crawlers of the staging database: tables, columns and partitions as expected",
    "plain Parquet tables in the catalog: columns and partitions as their jobs publish them",
    "Athena, as an analyst: every table and saved query as expected",
    "SQL ETL: CREATE TABLE AS, checks, view switched and read",
    "IAM: each role did only what its policies allow",
)
SIX_GIB = 6.0


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_printed(rehearsed: Rehearsed, step: str) -> None:
    assert re.search(rf" s  .*{re.escape(step)}", rehearsed.printed)


@pytest.mark.parametrize("what", FIGURES)
def test_athena_reads_the_figure_of_the_truth(rehearsed: Rehearsed, what: str) -> None:
    assert f"as expected: {what}" in rehearsed.printed


@pytest.mark.parametrize("fault", [*FIRST, *THEN])
def test_a_fault_on_purpose_has_the_expected_result(rehearsed: Rehearsed, fault: str) -> None:
    assert re.search(rf" s  fault on purpose: {re.escape(fault)}\n", rehearsed.printed)


def test_every_permission_is_used_or_has_its_reason(rehearsed: Rehearsed) -> None:
    assert "every unused permission has its reason in permissions.yaml" in rehearsed.printed


def test_its_processes_use_less_than_6_gib(rehearsed: Rehearsed) -> None:
    used = re.search(r"It used at most ([0-9.]+) GiB", rehearsed.printed)
    assert used and float(used[1]) < SIX_GIB


def test_the_page_shows_every_step_and_links_the_reports(rehearsed: Rehearsed) -> None:
    page = (FOLDER / "rehearsal.html").read_text(encoding="utf-8")
    assert all(step in page for step in STEPS)
    assert all(fault in page for fault in (*FIRST, *THEN))
    reports = re.findall(r'href="(reports/[^"]+\.html)"', page)
    assert len(reports) > len(FIGURES)
    assert all((FOLDER / report).is_file() for report in reports)


@pytest.fixture(scope="module")
def errors(rehearsed: Rehearsed) -> dict[str, str]:
    """The error of a delivery to each dataset, once the faults are in; empty where nothing was wrong."""
    walk = rehearsed.walk
    bring_in(walk.lake.source.terraform)
    walk.lake.apply()
    scene = walk.scene(walk.lake.outputs())
    scene.listen()
    with ThreadPoolExecutor(len(FAULTS)) as several:
        under_way = [deliver(scene, fault.dataset, int(time.time())) for fault in FAULTS]
        try:
            marts = walk.marts()
            after = [marts.after(fault.dataset) for fault in FAULTS]
            texts = several.map(_error, repeat(scene), under_way, after, [fault.seconds for fault in FAULTS])
            return {fault.what: text for fault, text in zip(FAULTS, texts, strict=True)}
        finally:
            several.shutdown()
            scene.stop_listening()


def _error(scene: Scene, delivered: Delivered, after: Sequence[str], seconds: float) -> str:
    try:
        must_arrive(scene, delivered, after, seconds)
    except RunFailed as error:
        return str(error)
    return ""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_a_fault_in_terraform_is_reported_by_its_name(errors: dict[str, str], fault: Fault) -> None:
    assert all(name in errors[fault.what] for name in fault.named), errors[fault.what]


def test_a_new_release_is_applied_and_a_delivery_arrives(
    rehearsed: Rehearsed, errors: dict[str, str], terraform_env: dict[str, str]
) -> None:
    printed = rehearsal("--again", env=terraform_env)
    assert "The second pass succeeded" in printed
    assert rehearsed.walk.lake.source.version.endswith(".post1")


def test_destroy_leaves_nothing_and_after_the_end_nothing_listens(rehearsed: Rehearsed, errors: dict[str, str]) -> None:
    rehearsed.walk.take_down()
    assert rehearsed.walk.lake.left() == []
    assert take_down(FOLDER / "kept.json")
    assert kept(FOLDER / "kept.json") is None
    with socket.socket() as probe:
        assert probe.connect_ex((urlsplit(rehearsed.up.endpoint).hostname, urlsplit(rehearsed.up.endpoint).port))
