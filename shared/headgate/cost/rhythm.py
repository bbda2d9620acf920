"""How often per month the platform starts the job of a dataset or mart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from headgate.contract.model import Contract
from headgate.project import Project

# Runs per month, the same as in terraform/prices.tf; a dataset on arrival is assumed to get one delivery a day.
RUNS_A_MONTH = {"arrival": 30.0, "daily": 30.0, "weekly": 4.3}
DAYS_A_MONTH = 30


def runs_a_month(project: Project, name: str, measured: Mapping[str, float] = MappingProxyType({})) -> float:
    """Return how often per month the job starts; `measured` are runs per month of datasets on arrival.

    A mart on arrival is built after every run of every dataset below it, also of those it reads through other marts.
    """
    contract = project.contracts[name]
    if not contract.is_mart or contract.schedule.refine != "arrival":
        return _own_runs(contract, measured)
    return sum(_own_runs(project.contracts[dataset], measured) for dataset in datasets_below(project, name))


def is_assumed(project: Project, name: str, measured: Mapping[str, float]) -> bool:
    """True when the number of runs rests on one assumed delivery a day."""
    contract = project.contracts[name]
    if contract.schedule.refine != "arrival":
        return False
    if contract.is_mart:
        return any(is_assumed(project, dataset, measured) for dataset in datasets_below(project, name))
    return name not in measured


def datasets_below(project: Project, mart: str) -> set[str]:
    """The datasets (not marts) that a mart reads, directly or through other marts."""
    datasets: set[str] = set()
    for source in project.reads[mart]:
        datasets |= datasets_below(project, source) if project.contracts[source].is_mart else {source}
    return datasets


def _own_runs(contract: Contract, measured: Mapping[str, float]) -> float:
    rhythm = contract.schedule.refine.split()[0]
    return measured.get(contract.dataset, RUNS_A_MONTH[rhythm]) if rhythm == "arrival" else RUNS_A_MONTH[rhythm]
