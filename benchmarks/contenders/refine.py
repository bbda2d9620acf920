"""refine: contract, gate, quarantine, audit, ledger, both equations."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.meter import Meter
from headgate.lake.address import lake_at
from headgate.lake.storage import LocalStorage
from headgate.project import load_project
from headgate.request import RunRequest
from headgate.run import run


def work(spark: SparkSession, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """Run the dataset once; returns its counts, and the CPU seconds of each step."""
    lake = lake_at(str(out / "lake"))
    began: list[tuple[str, float]] = []

    def log(step: str, **_: object) -> None:
        began.append((step, meter.cpu()))

    names = tuple(sorted(load_project(contracts, lake).contracts))
    result = run(lambda: spark, load_project(contracts, lake), lake, LocalStorage(source), RunRequest(names, log=log))
    for name, outcome in result.outcomes.items():
        if outcome.status != "published":
            raise SystemExit(f"{name} {outcome.status}: {outcome.reason}")
    steps = {step: round(after - cpu, 3) for (step, cpu), (_, after) in pairwise(began)}
    return {"steps": steps, "quarantined": sum(outcome.quarantined or 0 for outcome in result.outcomes.values())}
