"""What the probes cost, before they start and after they have ended, from the table of prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.cost.prices import Prices
from headgate.errors import UnusableArgument
from headgate.verify.probe_dataset import DATASET, MART, PARQUET
from headgate.verify.probe_job import ProbeJob

Jobs = Mapping[str, ProbeJob]  # by dataset
LIMIT = 2.00  # USD
EXPECTED_SECONDS = 150  # per run; a guess until the probes have run on an account
CRAWL_MINUTES = 15  # a crawl takes at most, as far as the probes can tell; they stop their own after that
LEAST_BYTES = 10_000_000  # the least that Athena bills for a query
OTHER = 0.01  # some hundred requests to S3, KMS, SQS and Logs, rounded up
_TRANSITIONS = 20


@dataclass(frozen=True)
class Part:
    """What probes have in common is made once and costs once: runs of jobs by dataset, queries, crawls."""

    runs: tuple[str, ...] = ()
    retried: bool = False  # the pipeline tries again, once, after an infrastructure fault
    queries: tuple[int, int] = (0, 0)  # expected; at most
    crawls: int = 0


PARTS = {
    "console": Part(runs=(DATASET,)),
    "heavy": Part(runs=(DATASET,), queries=(100, 600)),  # a query per second
    "wide": Part(runs=(DATASET,), queries=(2, 2)),
    "arrival": Part(runs=(DATASET, MART), retried=True),
    "masked": Part(runs=(PARQUET,), queries=(2, 2)),
    "crawl": Part(crawls=1, queries=(1, 1)),
    "analyst": Part(queries=(2, 2)),
    "document": Part(crawls=1, queries=(10, 300)),
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "console-run": ("console",),
    "glue-trust": ("console",),
    "wheels": ("console",),
    "keys-and-logs": ("console",),
    "unaudited-rows": ("console", "heavy"),
    "closed-gate-columns": ("console", "wide"),
    "arrival": ("console", "arrival"),
    "mart": ("console", "arrival"),
    "parquet-table": ("masked",),
    "masking": ("masked",),
    "crawler": ("masked", "crawl"),
    "alarm": (),
    "analyst": ("console", "analyst"),
    "ordinary-role": (),
    "document": ("document",),
}


@dataclass(frozen=True)
class Estimate:
    """The expected cost in USD, and the most that it can be: when every run lasts until its timeout."""

    expected: float
    at_most: float

    def __str__(self) -> str:
        return f"about {self.expected:.2f} USD, at most {self.at_most:.2f}"


def estimate(jobs: Jobs, probes: Sequence[str], prices: Prices) -> Estimate:
    """Estimate the cost of these probes; what several of them need is counted once."""
    costs = [_cost(jobs, PARTS[part], prices) for part in _parts(probes)]
    other = OTHER + _TRANSITIONS / 1000 * prices.usd["transitions_thousand"]
    return Estimate(sum(expected for expected, _ in costs) + other, sum(most for _, most in costs) + other)


def further_costs(jobs: Jobs, probes: Sequence[str], prices: Prices) -> Iterator[tuple[str, float]]:
    """Yield each probe with what it costs in addition to those before it, in USD."""
    before = 0.0
    for position, probe in enumerate(probes, start=1):
        until = sum(_cost(jobs, PARTS[part], prices)[0] for part in _parts(probes[:position]))
        yield probe, until - before
        before = until


def refuse_costly(cost: Estimate, *, accepted: bool) -> None:
    """Raise `UnusableArgument` when the probes can cost more than the limit, unless the user has accepted that."""
    if cost.at_most > LIMIT and not accepted:
        raise UnusableArgument(
            f"the probes may cost {cost.at_most:.2f} USD, more than {LIMIT:.2f}",
            remedy="Accept that with --yes, run fewer probes with --only, or make the job of `verify_probe` smaller in "
            "its contract.",
        )


def spent(jobs: Jobs, runs: Iterable[Mapping[str, Any]], queries: int, crawls: int, prices: Prices) -> float:
    """Return what runs, queries and crawls have cost, from Glue's figures of each run (DPU seconds with auto scaling).

    A crawl is counted with its minimum, because Glue has no figure for one.
    """
    by_name = {job.names.job: job for job in jobs.values()}
    billed = sum(_billed(by_name.get(run.get("JobName", ""), jobs[DATASET]), run, prices) for run in runs)
    return billed + queries * _query(prices) + crawls * _crawl(prices, prices.crawler["minutes_at_least"]) + OTHER


def _parts(probes: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(part for probe in probes for part in NEEDS[probe]))


def _cost(jobs: Jobs, part: Part, prices: Prices) -> tuple[float, float]:
    """What a part is expected to cost, and the most that it can cost. A dataset that is not deployed costs nothing."""
    run = [jobs[dataset] for dataset in part.runs if dataset in jobs]
    tries = 2 if part.retried else 1
    expected = sum(EXPECTED_SECONDS * _per_second(job, prices) for job in run)
    at_most = sum(tries * job.timeout_min * 60 * _per_second(job, prices) for job in run)
    crawl, longest = (_crawl(prices, minutes) for minutes in (prices.crawler["minutes_at_least"], CRAWL_MINUTES))
    usual, most = (count * _query(prices) for count in part.queries)
    return expected + usual + part.crawls * crawl, at_most + most + part.crawls * longest


def _billed(job: ProbeJob, run: Mapping[str, Any], prices: Prices) -> float:
    dpu = prices.dpu[job.worker] * job.workers
    seconds = run.get("DPUSeconds") or dpu * max(run.get("ExecutionTime", 0), 60)
    return seconds * _per_second(job, prices) / dpu


def _per_second(job: ProbeJob, prices: Prices) -> float:
    hour = prices.usd["glue_dpu_hour_flex" if job.flex else "glue_dpu_hour"]
    return prices.dpu[job.worker] * job.workers * hour / 3600


def _query(prices: Prices) -> float:
    return LEAST_BYTES / 1e12 * prices.usd["athena_tb"]


def _crawl(prices: Prices, minutes: float) -> float:
    return minutes / 60 * prices.crawler["dpu"] * prices.usd["crawler_dpu_hour"]
