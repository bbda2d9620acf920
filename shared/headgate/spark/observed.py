"""The counts that a Spark job takes on its way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout

from pyspark.sql import Observation

from headgate.errors import RunFailed

WITHIN = 60  # seconds; an Observation that no task reached would otherwise wait for ever


def observed(observation: Observation) -> dict[str, int]:
    """The counts of an observation. Raises `RunFailed` when there are none in time."""
    pool = ThreadPoolExecutor(1)
    try:
        return dict(pool.submit(lambda: observation.get).result(WITHIN))
    except FutureTimeout:
        raise RunFailed("the rows read were not counted", remedy="Run again; if it happens again, report it.") from None
    finally:
        pool.shutdown(wait=False)
