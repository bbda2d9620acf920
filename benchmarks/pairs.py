"""Two arms in turn, A B A B: the ratio of each pair, its median and how far it may be off."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class CannotCompare(Exception):
    """The arms publish different rows, or one of them did not end well: nothing is compared."""


@dataclass(frozen=True)
class Arm:
    """A contender with its data, contracts, and the batches before the one that is measured."""

    name: str
    contender: str
    source: Path
    contracts: Path
    before: Sequence[Path] = ()
    memory: str = "4g"

    def run(self, cores: int) -> dict[str, Any]:
        """Measure once, in a process and a folder of its own; the folder is removed."""
        with tempfile.TemporaryDirectory(prefix=f"bench-{self.contender}-") as name:
            folder = Path(name)
            spec = {
                "contender": self.contender,
                "cores": cores,
                "source": str(self.source),
                "contracts": str(self.contracts),
                "before": [str(batch) for batch in self.before],
                "out": str(folder / "out"),
            }
            (folder / "spec.json").write_text(json.dumps(spec))
            words = [sys.executable, "-m", "benchmarks.arm", str(folder / "spec.json"), str(folder / "result.json")]
            env = {**os.environ, "HEADGATE_MEMORY": self.memory}
            done = subprocess.run(words, capture_output=True, text=True, env=env)
            if done.returncode:
                raise CannotCompare(f"{self.name} ended with {done.returncode}: {done.stderr[-2000:]}")
            return json.loads((folder / "result.json").read_text())


@dataclass
class Pairs:
    """The measurements of two arms, pair by pair; the outputs were equal where they had to be."""

    a: Arm
    b: Arm
    measured: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def ratios(self, fact: Callable[[dict[str, Any]], float]) -> list[float]:
        """The first arm's figure divided by the second's, of each pair."""
        return [fact(first) / fact(second) for first, second in self.measured if fact(second)]

    def median(self, side: int, fact: str) -> float:
        """The median of a figure of one arm (0 or 1)."""
        return statistics.median(pair[side].get(fact, 0) for pair in self.measured)


def in_turn(a: Arm, b: Arm, pairs: int, cores: int, *, equal: bool, told: Callable[[str], None]) -> Pairs:
    """Measure both arms `pairs` times in turn. Raises `CannotCompare` when `equal` outputs differ."""
    found = Pairs(a, b)
    for number in range(pairs):
        first, second = a.run(cores), b.run(cores)
        if equal and first["published"] != second["published"]:
            raise CannotCompare(f"{a.name} published {first['published']}, {b.name} published {second['published']}")
        found.measured.append((first, second))
        told(f"  pair {number + 1}: {a.name} {first['cpu']:.1f} s, {b.name} {second['cpu']:.1f} s of CPU")
    return found


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Median, and the interval that holds the true median with 95 % where there are pairs enough: by order statistics.

    With fewer than six pairs no such interval exists; the lowest and the highest ratio then hold it with
    1 - 2 / 2^pairs (five pairs: 94 %).
    """
    ordered, count = sorted(ratios), len(ratios)
    below, weight = 0, 0.5**count
    cumulated = weight
    while cumulated + weight * (count - below) / (below + 1) <= 0.025:
        weight *= (count - below) / (below + 1)
        below += 1
        cumulated += weight
    return statistics.median(ordered), ordered[below], ordered[count - 1 - below]
