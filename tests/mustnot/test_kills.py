"""Killed with SIGKILL at any moment: readers see the old or the new table, and the next run completes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from killing import DATASETS, PHASES, Process, Siege

from depth import at_depth

KILLS, IN_EACH = at_depth((50, 3), (10, 1))
SEEN = at_depth(100, 20)  # looks of the reader at each table
AT_MOST = 110  # attempts: a short phase is not hit every time
FEW, AT_MOST_FEW = 3, 4  # a busy machine can miss the moment, and the run is done before the kill
SEED = 20260102


@pytest.fixture
def siege(tmp_path: Path) -> Iterator[Siege]:
    made = Siege(tmp_path, seed=SEED)
    yield made
    made.close()


@pytest.mark.deep  # most of its time is starting processes; the fifty below hold every phase
def test_killed_between_branch_and_publish_readers_keep_what_they_had(tmp_path: Path) -> None:
    siege = Siege(tmp_path, ["merged"])
    try:
        siege.put("merged")
        victim = siege.victim()
        siege.complete(victim, "merged")
        for phase in ["branch", "audited", "published"] * AT_MOST_FEW:
            if len(siege.kills) == FEW:
                break
            siege.kill(victim, "merged", phase)
            victim = siege.victim()
        siege.complete(victim, "merged")
        victim.end()
    finally:
        siege.close()
    assert len(siege.kills) == FEW
    assert siege.judge_the_reader()["merged"] > 20


@pytest.mark.deep
def test_fifty_kills_at_random_moments_of_every_phase_leave_the_old_or_the_new_table(siege: Siege) -> None:
    victim = siege.victim()
    for dataset in DATASETS:
        victim = _round(siege, victim, dataset, [siege.random.choice(["audited", "ledger"])])  # the first publication
    for dataset, phases in _until_enough(siege):
        victim = _round(siege, victim, dataset, phases)
    victim.end()
    siege.as_if_never_killed()
    _told(siege)
    seen = siege.judge_the_reader()
    assert all(seen[dataset] > SEEN for dataset in DATASETS), seen


def _round(siege: Siege, victim: Process, dataset: str, phases: Sequence[str]) -> Process:
    """Kill one run after another of a dataset, each started on what the last has left; then one completes."""
    for phase in phases:
        siege.kill(victim, dataset, phase)
        victim = siege.victim()
    siege.complete(victim, dataset)
    return victim


def _until_enough(siege: Siege) -> Iterator[tuple[str, Sequence[str]]]:
    """Every table in every phase once, in two rounds; then those that are still missing; in the end the mart, which is
    older than what it reads until then."""
    plan = at_depth(_every_phase_of_every_table, _every_phase_and_every_table)(siege.random)
    siege.random.shuffle(plan)
    yield from plan
    while len(siege.kills) < AT_MOST:
        by_phase = Counter(kill.phase for kill in siege.kills)
        short = [phase for phase in PHASES if by_phase[phase] < IN_EACH]
        if not short and len(siege.kills) >= KILLS:
            break
        yield siege.random.choice(DATASETS), siege.random.choices(short or list(PHASES), k=3)
    yield "doubled", ["audited"]


Plan = list[tuple[str, Sequence[str]]]


def _every_phase_of_every_table(chance: random.Random) -> Plan:
    return [(dataset, half) for dataset in DATASETS for half in _halves(chance)]


def _every_phase_and_every_table(chance: random.Random) -> Plan:
    """The short form: each phase once, in one of the tables."""
    phases = chance.sample(list(PHASES), k=len(PHASES))
    share = [phases[at :: len(DATASETS)] for at in range(len(DATASETS))]
    return [(dataset, some) for dataset, some in zip(DATASETS, share, strict=True) if some]


def _halves(chance: random.Random) -> Iterator[Sequence[str]]:
    phases = chance.sample(list(PHASES), k=len(PHASES))
    yield from (phases[:4], phases[4:])


def _told(siege: Siege) -> None:
    by_phase, by_table = (Counter(getattr(kill, what) for kill in siege.kills) for what in ("phase", "dataset"))
    print(f"{len(siege.kills)} kills: {dict(by_phase)}; by table: {dict(by_table)}")
    assert len(siege.kills) >= KILLS
    assert all(by_phase[phase] >= IN_EACH for phase in PHASES), by_phase
