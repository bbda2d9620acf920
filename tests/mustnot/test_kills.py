"""Killed with SIGKILL at any moment: readers see the old or the new table, and the next run completes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from killing import DATASETS, PHASES, Siege

KILLS, IN_EACH = 50, 3
AT_MOST = 110  # attempts: a short phase is not hit every time
SEED = 20260102


@pytest.fixture
def siege(tmp_path: Path) -> Iterator[Siege]:
    made = Siege(tmp_path, seed=SEED)
    yield made
    made.close()


def test_killed_between_branch_and_publish_readers_keep_what_they_had(tmp_path: Path) -> None:
    siege = Siege(tmp_path, ["merged"])
    try:
        siege.put("merged")
        _kill_and_recover(siege, ["read", "branch", "ledger", "published"])
    finally:
        siege.close()
    assert siege.judge_the_reader()["merged"] > 20


def _kill_and_recover(siege: Siege, phases: list[str]) -> None:
    victim = siege.victim()
    siege.complete(victim, "merged")
    for phase in phases:
        siege.put("merged")
        siege.kill(victim, "merged", phase)
        victim = siege.victim(spare=phase != phases[-1])
        siege.complete(victim, "merged")
    victim.end()


@pytest.mark.deep
def test_fifty_kills_at_random_moments_of_every_phase_leave_the_old_or_the_new_table(siege: Siege) -> None:
    for dataset in DATASETS:
        _first_publication(siege, dataset)
    plan = list(product(DATASETS, PHASES))
    random.Random(SEED).shuffle(plan)
    victim = siege.victim()
    for dataset, phase in _until_enough(siege, plan):
        siege.put(dataset)
        hit = siege.kill(victim, dataset, phase)
        victim = siege.victim()
        if hit and hit.phase in ("branch", "audited"):  # its branch lies about: killed again while that is cleared
            siege.kill(victim, dataset, "clean-up", step="tidy")
            victim = siege.victim()
        siege.complete(victim, dataset)
    victim.end()
    _told(siege)
    seen = siege.judge_the_reader()
    assert all(seen[dataset] > 100 for dataset in DATASETS), seen


def _first_publication(siege: Siege, dataset: str) -> None:
    """Kill the run that makes the table, once; then let it be made."""
    siege.put(dataset)
    siege.kill(siege.victim(), dataset, siege.random.choice(["audited", "ledger"]))
    victim = siege.victim()
    siege.complete(victim, dataset)
    victim.end()


def _until_enough(siege: Siege, plan: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Every table in every phase once, then whatever is still missing."""
    yield from plan
    while len(siege.kills) < AT_MOST:
        by_phase = Counter(kill.phase for kill in siege.kills)
        short = [phase for phase in PHASES if by_phase[phase] < IN_EACH]
        if not short and len(siege.kills) >= KILLS:
            return
        yield siege.random.choice(DATASETS), siege.random.choice(short or list(PHASES))


def _told(siege: Siege) -> None:
    by_phase = Counter(kill.phase for kill in siege.kills)
    print(f"{len(siege.kills)} kills: {dict(by_phase)}; by table: {dict(Counter(k.dataset for k in siege.kills))}")
    assert len(siege.kills) >= KILLS
    assert all(by_phase[phase] >= IN_EACH for phase in PHASES), by_phase
