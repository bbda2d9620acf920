"""How AWS bills a run of a Glue job: by the second, a minute at least, for every worker it may use."""

from __future__ import annotations

from headgate.contract.model import Job
from headgate.cost.prices import Prices


def billed_seconds(seconds: float, prices: Prices) -> float:
    """The seconds that are billed for a run of this duration."""
    return max(seconds, prices.least_minutes * 60)


def dpu_seconds(job: Job, seconds: float, prices: Prices) -> float:
    """The DPU-seconds of a run with all its workers; with auto scaling they can be fewer."""
    return job.workers * prices.dpu[job.worker] * billed_seconds(seconds, prices)


def dpu_hour(job: Job, prices: Prices) -> float:
    """The price of a DPU and hour in the job's execution class."""
    return prices.usd["glue_dpu_hour_flex" if job.execution == "flex" else "glue_dpu_hour"]


def run_usd(job: Job, seconds: float, prices: Prices) -> float:
    """The cost of one run of this duration with all its workers."""
    return dpu_seconds(job, seconds, prices) / 3600 * dpu_hour(job, prices)


def size(job: Job) -> str:
    """The job's size for people: `2 of G.1X`, `4 of G.2X flex`."""
    return f"{job.workers} of {job.worker}" + (" flex" if job.execution == "flex" else "")
