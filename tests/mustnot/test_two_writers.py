"""Two long-lived processes on one dataset, each with batches of its own: everything of both lands, and once."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from killing import CONTRACTS, Process, adds_up

from bench import HEAD, NOON
from depth import at_depth
from headgate.cli.query import query
from headgate.lake.address import lake_at

pytestmark = pytest.mark.deep

WRITERS = ("left", "right")
SHARED = 0  # a key that every batch of both writers changes


def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    _both_write(tmp_path, rounds=3, datasets=["merged"])


def test_twenty_rounds_of_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    _both_write(tmp_path, rounds=at_depth(20, 5), datasets=["merged", "appended", "filed"])


def _both_write(root: Path, rounds: int, datasets: Sequence[str]) -> None:
    for dataset in datasets:
        contract = root / "contracts" / f"{dataset}.yaml"
        contract.parent.mkdir(exist_ok=True)
        contract.write_text(HEAD.format(name=dataset) + CONTRACTS[dataset])
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        processes = [Process("victim.py", str(root), errors=root / f"{name}.err") for name in WRITERS]
        for process in processes:
            stack.callback(process.kill_if_there)
        for process in processes:
            assert process.answer()["ready"]
        list(pool.map(lambda i: _writes(root, processes[i], i, rounds, datasets), range(2)))
    for dataset in datasets:
        found = query(f"SELECT id, v FROM {dataset} ORDER BY ALL", lake_at(str(root / "lake"))).fetchall()
        assert found == _expected(dataset, rounds)
    logs = [json.loads(line) for log in root.glob("lake/runs/*/log.jsonl") for line in log.read_text().splitlines()]
    assert any(line["step"] == "waiting" for line in logs), "they never met"


def _writes(root: Path, process: Process, writer: int, rounds: int, datasets: Sequence[str]) -> None:
    """Put a batch, run, and again, without a look at the other writer."""
    for number in range(rounds):
        for dataset in datasets:
            _put(root, dataset, writer, number)
        process.order(run=list(datasets))
        for outcome in process.answer()["datasets"].values():
            assert outcome["status"] in ("published", "unchanged"), outcome
            adds_up(outcome)


def _put(root: Path, dataset: str, writer: int, number: int) -> None:
    """A batch with a row of its own and one for the shared key; no two batches arrive at the same time."""
    rows = [(_own(writer, number), number), (SHARED, _arrival(writer, number))]
    header, part = ("id,v,part", ",p") if dataset == "filed" else ("id,v", "")
    aside = root / f"{WRITERS[writer]}.csv"
    aside.write_text("\n".join([header, *(f"{i},{v}{part}" for i, v in rows)]) + "\n")
    os.utime(aside, (NOON + _arrival(writer, number),) * 2)
    target = root / "staging" / dataset / f"{WRITERS[writer]}-{number}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.replace(target)


def _own(writer: int, number: int) -> int:
    return 1 + number * 2 + writer


def _arrival(writer: int, number: int) -> int:
    return number * 2 + writer


def _expected(dataset: str, rounds: int) -> list[tuple[int, int]]:
    batches = [(writer, number) for writer in range(2) for number in range(rounds)]
    own = [(_own(*batch), batch[1]) for batch in batches]
    shared = [(SHARED, _arrival(*batch)) for batch in batches]
    return sorted([*own, *([max(shared)] if dataset == "merged" else shared)])
