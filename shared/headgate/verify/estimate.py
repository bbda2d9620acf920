"""What the probes cost, before they start and after they have ended, from the table of prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.cost.prices import Prices
from headgate.errors import UnusableArgument
from headgate.verify.probe_job import ProbeJob

LIMIT = 1.00  # USD
EXPECTED_SECONDS = 150  # per run; a guess until the probes have run on an account
LEAST_BYTES = 10_000_000  # the least that Athena bills for a query
OTHER = 0.01  # some hundred requests to S3, KMS, SQS and Logs, rounded up
STARTS = {"unaudited-rows": 1, "closed-gate-columns": 1, "arrival": 1}  # runs of the job besides the first one
QUERIES = {"unaudited-rows": (100, 600), "closed-gate-columns": (2, 2)}  # expected; at most, with one per second
_RETRIES = {"arrival": 1}  # the pipeline tries again, once, after an infrastructure fault
_TRANSITIONS = 20


@dataclass(frozen=True)
class Estimate:
    """The expected cost in USD, and the most that it can be: when every run lasts until its timeout."""

    expected: float
    at_most: float

    def __str__(self) -> str:
        return f"about {self.expected:.2f} USD, at most {self.at_most:.2f}"


def estimate(job: ProbeJob, probes: Sequence[str], prices: Prices) -> Estimate:
    """Estimate the cost of these probes. All of them depend on the first run, so that one is always counted."""
    starts = 1 + sum(STARTS.get(name, 0) for name in probes)
    retries = sum(_RETRIES.get(name, 0) for name in probes)
    expected, at_most = (sum(QUERIES.get(name, (0, 0))[i] for name in probes) for i in (0, 1))
    query = LEAST_BYTES / 1e12 * prices.usd["athena_tb"]
    other = OTHER + _TRANSITIONS / 1000 * prices.usd["transitions_thousand"]
    second = _per_second(job, prices)
    return Estimate(
        expected=starts * EXPECTED_SECONDS * second + expected * query + other,
        at_most=(starts + retries) * job.timeout_min * 60 * second + at_most * query + other,
    )


def refuse_costly(cost: Estimate, *, accepted: bool) -> None:
    """Raise `UnusableArgument` when the probes can cost more than the limit, unless the user has accepted that."""
    if cost.at_most > LIMIT and not accepted:
        raise UnusableArgument(
            f"the probes may cost {cost.at_most:.2f} USD, more than {LIMIT:.2f}",
            remedy="Accept that with --yes, run fewer probes with --only, or make the job of `verify_probe` smaller in "
            "its contract.",
        )


def spent(job: ProbeJob, runs: Iterable[Mapping[str, Any]], queries: int, prices: Prices) -> float:
    """Return what the runs and queries have cost, from Glue's figures of each run (DPU seconds with auto scaling)."""
    dpu = prices.dpu[job.worker] * job.workers
    seconds = sum(run.get("DPUSeconds") or dpu * max(run.get("ExecutionTime", 0), 60) for run in runs)
    billed = seconds * _per_second(job, prices) / dpu
    return billed + queries * LEAST_BYTES / 1e12 * prices.usd["athena_tb"] + OTHER


def _per_second(job: ProbeJob, prices: Prices) -> float:
    hour = prices.usd["glue_dpu_hour_flex" if job.flex else "glue_dpu_hour"]
    return prices.dpu[job.worker] * job.workers * hour / 3600
