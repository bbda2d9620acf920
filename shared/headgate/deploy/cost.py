"""Compute what runs cost, from contracts and list prices (docs/COSTS.md)."""

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
ASSUMED_MINUTES = 3  # per run; the record of each run has its real duration
# Runs per month, the same as in terraform/prices.tf; a dataset on arrival is assumed to get one delivery a day.
RUNS_A_MONTH = {"arrival": 30.0, "daily": 30.0, "weekly": 4.3}


@dataclass(frozen=True)
class Prices:
    """List prices in USD by name, and how Glue bills."""

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
    runs: float  # per month
    month: float


def read_prices(file: Path) -> Prices:
    """Read the prices of terraform/prices.yaml, which Terraform reads as well."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    prices: dict[str, dict[str, Any]] = content["usd"]
    return Prices(
        usd={name: float(price["usd"]) for name, price in prices.items()},
        per={name: str(price["per"]) for name, price in prices.items()},
        source={name: str(price["from"]) for name, price in prices.items()},
        dpu=content["dpu_of_worker"],
        least_minutes=float(content["job_minutes_at_least"]),
        as_of=content["as_of"],
        region=content["region"],
    )


def run_cost(job: Job, minutes: float, prices: Prices) -> float:
    """Return the cost of one run of this duration with all its workers; with auto scaling it can be less."""
    hour = prices.usd["glue_dpu_hour_flex" if job.execution == "flex" else "glue_dpu_hour"]
    return job.workers * prices.dpu[job.worker] * hour * max(minutes, prices.least_minutes) / 60


def runs_a_month(project: Project, name: str) -> float:
    """Return how often per month the platform starts the job of a dataset or mart.

    A mart on arrival is built after every run of every dataset below it, also of those it reads through other marts.
    """
    contract = project.contracts[name]
    if not contract.is_mart or contract.schedule.refine != "arrival":
        return _scheduled(contract)
    return sum(_scheduled(project.contracts[dataset]) for dataset in _datasets_below(project, name))


def costs(project: Project, prices: Prices) -> dict[str, Cost]:
    """Return the cost of each dataset and mart, in the order in which they run."""
    return {name: _cost(project, name, prices) for name in project.run_order}


def project_at(root: Path) -> Project:
    """Load the contracts of a repository."""
    return load_project(root / "contracts", Lake(LocalStorage(root / "lake")))


def _cost(project: Project, name: str, prices: Prices) -> Cost:
    job, runs = project.contracts[name].job, runs_a_month(project, name)
    run = run_cost(job, ASSUMED_MINUTES, prices)
    return Cost(run_cost(job, 1, prices), run, run_cost(job, job.timeout_min, prices), runs, run * runs)


def _scheduled(contract: Contract) -> float:
    return RUNS_A_MONTH[contract.schedule.refine.split()[0]]


def _datasets_below(project: Project, mart: str) -> set[str]:
    """The datasets (not marts) that a mart reads, directly or through other marts."""
    datasets: set[str] = set()
    for source in project.reads[mart]:
        datasets |= _datasets_below(project, source) if project.contracts[source].is_mart else {source}
    return datasets
