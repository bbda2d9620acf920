"""A model of a run's seconds, for datasets without a run and for jobs of another size.

Its constants are measured on a laptop, each by the command beside it. No bill has been compared with them. The slope is
that of compiled code: the first minute of a larger run costs some 20 CPU seconds more, on all cores of a worker.
"""

from __future__ import annotations

from headgate.contract.model import Job
from headgate.cost.prices import Prices

START_SECONDS = 22.0  # `python -m benchmarks.slopes start`: CPU seconds of a run of 4 rows, as if one core did them
CPU_SECONDS_PER_MB = 0.3  # `python -m benchmarks.slopes refine`: CPU seconds of a merge per MB of CSV, 12 checks
ASSUMED_MINUTES = 3  # of a run of which neither a record nor the bytes are known; nothing measures it
VCPU_PER_DPU = 4  # https://docs.aws.amazon.com/glue/latest/dg/worker-types.html


def cores(job: Job, prices: Prices) -> int:
    """The cores that work on rows: one worker is the driver."""
    return (job.workers - 1) * prices.dpu[job.worker] * VCPU_PER_DPU


def modelled_seconds(size: int, job: Job, prices: Prices) -> float:
    """The seconds of a run that reads this many bytes: the start, and CPU seconds divided among the cores."""
    return START_SECONDS + size / 1e6 * CPU_SECONDS_PER_MB / cores(job, prices)


def at_another_size(seconds: float, measured: Job, wanted: Job, prices: Prices) -> float:
    """The seconds that a measured run would take with another size.

    The start takes as long, and the rest is divided among the cores: the best case for more workers.
    """
    start = min(seconds, START_SECONDS)
    return start + (seconds - start) * cores(measured, prices) / cores(wanted, prices)
