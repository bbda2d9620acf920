"""Estimate the cost of each dataset's runs, and of a month of the whole lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headgate.contract.model import Contract, Job
from headgate.cost.bill import dpu_seconds, run_usd
from headgate.cost.model import ASSUMED_MINUTES
from headgate.cost.prices import Prices
from headgate.cost.rhythm import RUNS_A_MONTH, is_assumed, runs_a_month
from headgate.cost.work import Work, deliveries_a_month
from headgate.project import Project

MAINTAIN = Job(worker="G.1X", workers=2, execution="flex", timeout_min=720)  # terraform/modules/jobs/maintain.tf
TRANSITIONS = 20  # of a run in its state machine, rounded up (terraform/modules/pipeline)


@dataclass(frozen=True)
class Estimate:
    """What the runs of one dataset or mart cost, in USD; `seconds` is the median run, `largest` the longest one."""

    contract: Contract
    work: Work
    seconds: float
    largest: float
    dpu_seconds: float
    usd: float
    largest_usd: float
    runs: float
    runs_assumed: bool

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        return self.contract.dataset

    @property
    def job(self) -> Job:
        """The job's size."""
        return self.contract.job

    @property
    def month(self) -> float:
        """The cost of a month's runs."""
        return self.runs * self.usd


@dataclass(frozen=True)
class Month:
    """What a month costs, in USD, by its parts; `maintained` are the runs of `maintain`, `stored` bytes."""

    runs: float
    jobs: float
    maintained: float
    maintain: float
    transitions: float
    stored: int
    storage: float

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return self.jobs + self.maintain + self.transitions + self.storage


def estimate(project: Project, names: Sequence[str], work: Mapping[str, Work], prices: Prices) -> list[Estimate]:
    """Estimate these datasets and marts. `work` also has the datasets below the marts: their runs start the marts."""
    counted = {name: deliveries_a_month(known) for name, known in work.items()}
    measured = {name: runs for name, runs in counted.items() if runs is not None}
    return [_estimate(project, name, work.get(name, Work()), measured, prices) for name in names]


def _estimate(project: Project, name: str, work: Work, measured: Mapping[str, float], prices: Prices) -> Estimate:
    contract = project.contracts[name]
    job = contract.job
    seconds, largest = work.seconds(job, prices), work.largest(job, prices)
    return Estimate(
        contract=contract,
        work=work,
        seconds=seconds,
        largest=largest,
        dpu_seconds=dpu_seconds(job, seconds, prices),
        usd=run_usd(job, seconds, prices),
        largest_usd=run_usd(job, largest, prices),
        runs=runs_a_month(project, name, measured),
        runs_assumed=is_assumed(project, name, measured),
    )


def month_of(estimates: Sequence[Estimate], stored: int, prices: Prices) -> Month:
    """Add up a month: the runs, the weekly `maintain` of each table, Step Functions, and what is stored now."""
    runs, maintained = sum(each.runs for each in estimates), RUNS_A_MONTH["weekly"] * len(estimates)
    return Month(
        runs=runs,
        jobs=sum(each.month for each in estimates),
        maintained=maintained,
        maintain=maintained * run_usd(MAINTAIN, ASSUMED_MINUTES * 60, prices),
        transitions=runs * TRANSITIONS / 1000 * prices.usd["transitions_thousand"],
        stored=stored,
        storage=stored / 1e9 * prices.usd["s3_gb_month"],
    )
