"""The rehearsal itself, on real files: every step, every fault on purpose, and what must not go unnoticed.

The tests share one lake and go in the order in which they stand here: first what the rehearsal said, then a copy of its
Terraform with faults in it, then a new release that mends them, then the end.
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
    "bootstrap: the buckets of state and releases stand",
    "plan: what it makes is known",
    "apply: everything is made",
    "bootstrap and apply ended well: the lake stands",
    "S3 → EventBridge → SQS → Scheduler → Step Functions → Glue: ",
    "every mart is built",
    "crawlers of the staging database: tables, columns and partitions as expected",
    "crawlers of the warehouse database: tables, columns and partitions as expected",
    "Athena, as an analyst: every table and saved query, as known",
    "SQL ETL: CREATE TABLE AS, checks, view switched and read",
    "each role did only what its policies allow",
)
SIX_GIB = 6.0


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_told(rehearsed: Rehearsed, step: str) -> None:
    assert re.search(rf" s  .*{re.escape(step)}", rehearsed.said)


@pytest.mark.parametrize("what", FIGURES)
def test_athena_reads_the_figure_of_the_truth(rehearsed: Rehearsed, what: str) -> None:
    assert f"as known: {what}" in rehearsed.said


@pytest.mark.parametrize("fault", [*FIRST, *THEN])
def test_a_fault_on_purpose_comes_out_as_it_must(rehearsed: Rehearsed, fault: str) -> None:
    assert re.search(rf" s  fault on purpose: {re.escape(fault)}\n", rehearsed.said)


def test_every_permission_is_used_or_has_its_reason(rehearsed: Rehearsed) -> None:
    assert "what was allowed and not used has its reason in permissions.yaml" in rehearsed.said


def test_its_processes_hold_less_than_6_gib(rehearsed: Rehearsed) -> None:
    held = re.search(r"It held ([0-9.]+) GiB", rehearsed.said)
    assert held and float(held[1]) < SIX_GIB


def test_the_page_tells_every_step_and_leads_to_the_reports(rehearsed: Rehearsed) -> None:
    page = (FOLDER / "rehearsal.html").read_text(encoding="utf-8")
    assert all(step in page for step in STEPS)
    assert all(fault in page for fault in (*FIRST, *THEN))
    reports = re.findall(r'href="(reports/[^"]+\.html)"', page)
    assert len(reports) > len(FIGURES)
    assert all((FOLDER / one).is_file() for one in reports)


@pytest.fixture(scope="module")
def told(rehearsed: Rehearsed) -> dict[str, str]:
    """What is said of a delivery to each dataset, once the faults are in; empty where nothing was wrong."""
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
            said = several.map(_said, repeat(scene), under_way, after, [fault.seconds for fault in FAULTS])
            return {fault.what: text for fault, text in zip(FAULTS, said, strict=True)}
        finally:
            several.shutdown()
            scene.stop_listening()


def _said(scene: Scene, one: Delivered, after: Sequence[str], seconds: float) -> str:
    try:
        must_arrive(scene, one, after, seconds)
    except RunFailed as error:
        return str(error)
    return ""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.what)
def test_what_is_broken_in_terraform_is_told_by_its_name(told: dict[str, str], fault: Fault) -> None:
    assert all(name in told[fault.what] for name in fault.named), told[fault.what]


def test_a_new_release_is_applied_and_a_delivery_goes_its_way(
    rehearsed: Rehearsed, told: dict[str, str], terraform_env: dict[str, str]
) -> None:
    said = rehearsal("--again", env=terraform_env)
    assert "It went well once more" in said
    assert rehearsed.walk.lake.source.version.endswith(".post1")


def test_destroy_leaves_nothing_and_the_end_nobody_listening(rehearsed: Rehearsed, told: dict[str, str]) -> None:
    rehearsed.walk.lake.destroy()
    assert rehearsed.walk.lake.left() == []
    assert take_down(FOLDER / "kept.json")
    assert kept(FOLDER / "kept.json") is None
    with socket.socket() as asked:
        assert asked.connect_ex((urlsplit(rehearsed.up.endpoint).hostname, urlsplit(rehearsed.up.endpoint).port))
