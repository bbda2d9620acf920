"""What the probes cost, before they start and after they ended, from the price list of terraform/prices.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.deploy.cost import Prices
from headgate.errors import UnusableArgument
from headgate.verify.lake_names import Target

LIMIT = 1.00  # USD
EXPECTED_SECONDS = 150  # of one run, a guess until probes have run on an account
LEAST_BYTES = 10_000_000  # that Athena bills for a query
OTHER = 0.01  # requests to S3, KMS, SQS and Logs: some hundreds, and a share to spare
STARTS = {"unaudited-rows": 1, "closed-gate-columns": 1, "arrival": 1}  # runs of the job, beside the first
QUERIES = {"unaudited-rows": (100, 600), "closed-gate-columns": (2, 2)}  # expected, at most: one a second
_RETRIES = {"arrival": 1}  # the pipeline tries once more after a fault of the infrastructure
_TRANSITIONS = 20


@dataclass(frozen=True)
class Estimate:
    """USD that are expected, and the most that can come of it: every run lasting until its timeout."""

    expected: float
    at_most: float

    def __str__(self) -> str:
        return f"about {self.expected:.2f} USD, at most {self.at_most:.2f}"


def estimate(target: Target, probes: Sequence[str], prices: Prices) -> Estimate:
    """What these probes cost. Every probe stands on the first run, so one is always counted."""
    starts = 1 + sum(STARTS.get(name, 0) for name in probes)
    retries = sum(_RETRIES.get(name, 0) for name in probes)
    expected, at_most = (sum(QUERIES.get(name, (0, 0))[i] for name in probes) for i in (0, 1))
    query = LEAST_BYTES / 1e12 * prices.usd["athena_tb"]
    other = OTHER + _TRANSITIONS / 1000 * prices.usd["transitions_thousand"]
    second = _per_second(target, prices)
    return Estimate(
        expected=starts * EXPECTED_SECONDS * second + expected * query + other,
        at_most=(starts + retries) * target.timeout_min * 60 * second + at_most * query + other,
    )


def refuse_costly(cost: Estimate, *, agreed: bool) -> None:
    """Raise `UnusableArgument` when it may cost more than the limit and nobody has agreed to that."""
    if cost.at_most > LIMIT and not agreed:
        raise UnusableArgument(
            f"the probes may cost {cost.at_most:.2f} USD, more than {LIMIT:.2f}",
            remedy="Agree with --yes, take fewer with --only, or make the job of the probes smaller in its contract.",
        )


def spent(target: Target, runs: Iterable[Mapping[str, Any]], queries: int, prices: Prices) -> float:
    """What the runs and queries have cost, by what Glue says of each run (auto scaling counts DPU seconds)."""
    dpu = prices.dpu[target.worker] * target.workers
    seconds = sum(run.get("DPUSeconds") or dpu * max(run.get("ExecutionTime", 0), 60) for run in runs)
    billed = seconds * _per_second(target, prices) / dpu
    return billed + queries * LEAST_BYTES / 1e12 * prices.usd["athena_tb"] + OTHER


def _per_second(target: Target, prices: Prices) -> float:
    hour = prices.usd["glue_dpu_hour_flex" if target.flex else "glue_dpu_hour"]
    return prices.dpu[target.worker] * target.workers * hour / 3600
