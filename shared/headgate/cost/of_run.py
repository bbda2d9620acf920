"""The estimate that a run's report carries: what its own seconds cost on the job's declared size."""

from __future__ import annotations

from collections.abc import Mapping

from headgate.contract.model import Contract
from headgate.cost.bill import billed_seconds, dpu_seconds, run_usd
from headgate.cost.history import run_seconds
from headgate.cost.prices import Prices
from headgate.report.facts import Host
from headgate.report.record_model import CostEstimate
from headgate.run import Result


def estimates_of(
    result: Result, contracts: Mapping[str, Contract], host: Host, prices: Prices
) -> dict[str, CostEstimate]:
    """An estimate for each dataset that the run has worked on; none for one that was skipped."""
    whole, datasets = (result.finished - result.started).total_seconds(), len(result.outcomes)
    return {
        name: _estimate(contracts[name], run_seconds(host, whole, outcome.seconds, datasets), prices)
        for name, outcome in result.outcomes.items()
        if outcome.seconds
    }


def _estimate(contract: Contract, seconds: float, prices: Prices) -> CostEstimate:
    job = contract.job
    return CostEstimate(
        worker=job.worker,
        workers=job.workers,
        execution=job.execution,
        seconds=round(seconds, 3),
        billed_seconds=round(billed_seconds(seconds, prices), 3),
        dpu_seconds=round(dpu_seconds(job, seconds, prices), 3),
        usd=round(run_usd(job, seconds, prices), 6),
        prices_as_of=prices.as_of,
        prices_region=prices.region,
    )
