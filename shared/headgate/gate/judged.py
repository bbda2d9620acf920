"""Judged rows: one Spark job reads the input once, and writes kept and refused rows to the work folder."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from headgate.columns import FILE_REFUSED, KEPT, REFUSED, VERDICT
from headgate.errors import RunFailed
from headgate.gate.gate import Gate
from headgate.gate.judge import judged, typed
from headgate.gate.mask import Keys
from headgate.gate.written_rows import written
from headgate.lake.uris import literal

OBSERVED_WITHIN = 60  # seconds; an Observation that no task reached would otherwise wait for ever


@dataclass(frozen=True)
class JudgedRows:
    """Judged rows in the work folder, by verdict, with the gate that judged them and the counts of the pass."""

    gate: Gate
    place: str
    schema: StructType
    observed: Mapping[str, int]

    def rows(self, spark: SparkSession, verdict: str) -> DataFrame:
        """The rows of one verdict, read back as they were written."""
        judged = spark.read.schema(self.schema).parquet(literal(self.place))
        return judged.where(F.col(VERDICT) == verdict).drop(VERDICT)


def write_judged(raw: DataFrame, gate: Gate, keys: Keys, run: str, place: str) -> JudgedRows:
    """Type, judge and mask `raw`, and write it to `place` by verdict. Reads the input once."""
    observation = Observation()
    rows = typed(raw, gate.contract).transform(judged, gate).observe(observation, *gate.metrics())
    aside = rows.where(F.col(VERDICT).isin(KEPT, REFUSED, FILE_REFUSED)).transform(written, gate, keys, run)
    aside.write.partitionBy(VERDICT).mode("overwrite").parquet(place)
    return JudgedRows(gate, place, aside.schema, observed(observation))


def observed(observation: Observation) -> dict[str, int]:
    """The counts of an observation. Raises `RunFailed` when there are none in time."""
    pool = ThreadPoolExecutor(1)
    try:
        return dict(pool.submit(lambda: observation.get).result(OBSERVED_WITHIN))
    except FutureTimeout:
        raise RunFailed("the rows read were not counted", remedy="Run again; if it happens again, report it.") from None
    finally:
        pool.shutdown(wait=False)
