"""Advice on workers, runs and execution class: each piece with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from headgate.contract.model import Job
from headgate.contract.platform import FLEX_WORKERS
from headgate.cost.bill import billed_seconds, run_usd, size
from headgate.cost.estimate import Estimate
from headgate.cost.model import cores
from headgate.cost.prices import Prices
from headgate.cost.rhythm import RUNS_A_MONTH

_WORTH = 0.1  # savings below this share are within what is not known
_NEAR_TIMEOUT = 0.8
_FEWEST = 2  # workers of a Glue job


def advice(estimates: Sequence[Estimate], prices: Prices) -> list[str]:
    """What would cost less, or come too near a timeout, dataset by dataset."""
    return [f"{each.dataset}: {text}" for each in estimates for look in _LOOKS for text in look(each, prices)]


def _fewer_workers(each: Estimate, prices: Prices) -> Iterator[str]:
    """For a run on Glue, the cheapest size; for a laptop's short run only that a minute is billed anyway."""
    if each.work.basis == "glue" and all(run.job for run in each.work.runs):
        yield from _cheapest_size(each, prices)
    elif each.work.basis in ("glue", "laptop") and each.seconds < prices.least_minutes * 60 and each.job.workers > 2:
        few = _with_workers(each.job, _FEWEST)
        where = "on one laptop" if each.work.basis == "laptop" else "on Glue"
        yield (
            f"{_seconds(each.seconds)}{_reading(each, prices)} {where}, and Glue bills a minute anyway. A minute is "
            f"{_usd(run_usd(each.job, 60, prices))} with {size(each.job)}, "
            f"{_usd(run_usd(few, 60, prices))} with {size(few)}: try fewer workers."
        )


def _cheapest_size(each: Estimate, prices: Prices) -> Iterator[str]:
    sizes = [_with_workers(each.job, workers) for workers in range(_FEWEST, each.job.workers)]
    if not sizes:
        return
    best = min(sizes, key=lambda job: run_usd(job, each.work.seconds(job, prices), prices))
    seconds = each.work.seconds(best, prices)
    usd = run_usd(best, seconds, prices)
    if usd <= each.usd * (1 - _WORTH):
        yield (
            f"{size(each.job)} take {_seconds(each.seconds)}{_reading(each, prices)} and are billed "
            f"{_seconds(billed_seconds(each.seconds, prices))}: {_usd(each.usd)}. {size(best)} would take about "
            f"{_seconds(seconds)}: {_usd(usd)}."
        )


def _fewer_runs(each: Estimate, _: Prices) -> Iterator[str]:
    daily = RUNS_A_MONTH["daily"]
    if each.contract.schedule.refine == "arrival" and each.runs > daily:
        why = "one per run of what it reads" if each.contract.is_mart else "one per delivery"
        yield (
            f"{each.runs:g} runs a month, {why}: {each.month:,.2f} USD. "
            f"`schedule: {{refine: daily 04:00 UTC}}` makes {daily:g} runs: {daily * each.usd:,.2f} USD, and rows up "
            "to a day old."
        )


def _flex(each: Estimate, prices: Prices) -> Iterator[str]:
    could = each.job.execution == "standard" and each.job.worker in FLEX_WORKERS
    if each.contract.schedule.refine != "arrival" and could:
        flex = each.job.model_copy(update={"execution": "flex"})
        yield (
            f"scheduled, {each.month:,.2f} USD a month. With `execution: flex` "
            f"{each.runs * run_usd(flex, each.seconds, prices):,.2f} USD, if it may wait for spare capacity."
        )


def _near_timeout(each: Estimate, _: Prices) -> Iterator[str]:
    limit = each.job.timeout_min * 60
    if each.work.basis == "glue" and each.largest > _NEAR_TIMEOUT * limit:
        yield (
            f"the longest run took {_seconds(each.largest)}, and Glue ends it after {_seconds(limit)}: raise "
            "`timeout_min`, or use more workers."
        )


_LOOKS: Sequence[Callable[[Estimate, Prices], Iterator[str]]] = (_fewer_workers, _fewer_runs, _flex, _near_timeout)


def _with_workers(job: Job, workers: int) -> Job:
    return job.model_copy(update={"workers": workers})


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s"


def _usd(usd: float) -> str:
    return f"{usd:.4f} USD" if usd < 1 else f"{usd:,.2f} USD"


def _reading(each: Estimate, prices: Prices) -> str:
    if each.work.read is None:
        return ""
    megabytes = each.work.read / 1e6
    return f" for {megabytes:,.1f} MB ({megabytes / cores(each.job, prices):,.2f} MB per core of the job)"
