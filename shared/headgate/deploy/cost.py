"""What runs cost, from contracts and list prices: docs/COSTS.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headgate.contract.model import Contract, Job
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project

PRICES = "terraform/prices.yaml"
ASSUMED_MINUTES = 3  # of a run; how long yours take, the record of each run says
# In a month, as terraform/prices.tf counts them; of a dataset on arrival, one delivery a day is assumed.
RUNS_A_MONTH = {"arrival": 30.0, "daily": 30.0, "weekly": 4.3}


@dataclass(frozen=True)
class Prices:
    """List prices in USD by name, and how Glue counts."""

    usd: Mapping[str, float]
    per: Mapping[str, str]
    source: Mapping[str, str]
    dpu: Mapping[str, int]
    least_minutes: float
    as_of: str
    region: str


@dataclass(frozen=True)
class Cost:
    """What the runs of one dataset cost, in USD."""

    per_minute: float
    run: float  # of ASSUMED_MINUTES
    timeout: float  # the most that one run can cost
    runs: float  # in a month
    month: float


def read_prices(file: Path) -> Prices:
    """The prices of terraform/prices.yaml, which Terraform reads as well."""
    said: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    usd: dict[str, dict[str, Any]] = said["usd"]
    return Prices(
        usd={name: float(one["usd"]) for name, one in usd.items()},
        per={name: str(one["per"]) for name, one in usd.items()},
        source={name: str(one["from"]) for name, one in usd.items()},
        dpu=said["dpu_of_worker"],
        least_minutes=float(said["job_minutes_at_least"]),
        as_of=said["as_of"],
        region=said["region"],
    )


def run_cost(job: Job, minutes: float, prices: Prices) -> float:
    """What one run of so many minutes costs with all its workers; auto scaling may take fewer."""
    hour = prices.usd["glue_dpu_hour_flex" if job.execution == "flex" else "glue_dpu_hour"]
    return job.workers * prices.dpu[job.worker] * hour * max(minutes, prices.least_minutes) / 60


def runs_a_month(project: Project, name: str) -> float:
    """How often the platform starts the job of a dataset or mart.

    A mart on arrival is built after every run of every dataset below it, through other marts too.
    """
    contract = project.contracts[name]
    if not contract.is_mart or contract.schedule.refine != "arrival":
        return _scheduled(contract)
    return sum(_scheduled(project.contracts[one]) for one in _below(project, name))


def costs(project: Project, prices: Prices) -> dict[str, Cost]:
    """What each dataset and mart costs, in the order in which they run."""
    return {name: _cost(project, name, prices) for name in project.run_order}


def project_at(root: Path) -> Project:
    """The contracts of a repository."""
    return load_project(root / "contracts", Lake(LocalStorage(root / "lake")))


def _cost(project: Project, name: str, prices: Prices) -> Cost:
    job, runs = project.contracts[name].job, runs_a_month(project, name)
    run = run_cost(job, ASSUMED_MINUTES, prices)
    return Cost(run_cost(job, 1, prices), run, run_cost(job, job.timeout_min, prices), runs, run * runs)


def _scheduled(contract: Contract) -> float:
    return RUNS_A_MONTH[contract.schedule.refine.split()[0]]


def _below(project: Project, name: str) -> set[str]:
    """The datasets (not marts) that a mart reads, however indirectly."""
    found: set[str] = set()
    for one in project.reads[name]:
        found |= _below(project, one) if project.contracts[one].is_mart else {one}
    return found
