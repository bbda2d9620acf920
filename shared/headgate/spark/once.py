"""Rows that are computed once and read by several steps: they stay where a shuffle has put them.

Spark keeps what a shuffle has written until nobody needs it any more, and a plan that reads the shuffle's output again
does not compute its input again. `DataFrame.cache` would write the rows a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.errors import RunFailed
from headgate.lake.uris import literal

_COUNTED = "headgate.counted"
_PLACE = "_computed_at"
_OF_A_SHUFFLE = ("AQEShuffleReadExec", "ShuffleQueryStageExec")


def counted(frame: DataFrame, counts: Sequence[Column]) -> DataFrame:
    """The same rows, counted when they are computed: aggregates of whole numbers, each with a name."""
    return frame.observe(_COUNTED, *counts)


def computed_once(frame: DataFrame, by: Sequence[str]) -> tuple[DataFrame, dict[str, int]]:
    """Compute the rows of a `counted` frame now, and return them, brought together by these columns, with the counts.

    Without columns the rows of one input partition stay together. If a machine is lost with its part of the rows, Spark
    computes that part again, and the counts stay. Raises what computing raises.
    """
    done = _shuffled(frame, [F.col(name) for name in by]) if by else None
    if done is None:  # not by these columns, or the rows were together already, so that nothing was shuffled
        done = _shuffled(frame.withColumn(_PLACE, F.spark_partition_id()), [F.col(_PLACE)])
        if done is None:
            raise RunFailed("Spark did not shuffle the rows", remedy="Set `spark.sql.adaptive.enabled` to true.")
    rows, counts = done
    return rows.drop(_PLACE), counts


def written_down(rows: DataFrame, place: str) -> DataFrame:
    """The rows, written as Parquet to a place and read back from there."""
    rows.write.mode("overwrite").parquet(place)
    return rows.sparkSession.read.schema(rows.schema).parquet(literal(place))


def _shuffled(frame: DataFrame, by: Sequence[Column]) -> tuple[DataFrame, dict[str, int]] | None:
    """The rows behind a shuffle, and their counts; None where Spark sees no need for one."""
    spread = frame.repartition(*by)
    dataset: Any = spread._jdf
    dataset.toLocalIterator()  # an adaptive plan computes its shuffles, in a statement of its own, before the first row
    execution = dataset.queryExecution()
    final = execution.executedPlan()
    if _kind(final) != "AdaptiveSparkPlanExec" or _kind(final.executedPlan()) not in _OF_A_SHUFFLE:
        return None
    return _over(execution.toRdd(), final.executedPlan(), spread.sparkSession), _counts(execution)


def _over(rows: Any, plan: Any, spark: SparkSession) -> DataFrame:
    """A frame over the output of the shuffle, which still knows by what the rows were brought together."""
    jvm: Any = spark._jvm
    logical = getattr(jvm, "org.apache.spark.sql.execution.LogicalRDD$")
    session, none = spark._jsparkSession, jvm.scala.Option.apply(None)
    by, order = plan.outputPartitioning(), plan.outputOrdering()
    relation = getattr(logical, "MODULE$").apply(plan.output(), rows, by, order, False, session, none, none)
    return DataFrame(jvm.org.apache.spark.sql.Dataset.ofRows(session, relation), spark)


def _kind(plan: Any) -> str:
    return str(plan.getClass().getSimpleName())


def _counts(execution: Any) -> dict[str, int]:
    """The counts, from the plan that was executed."""
    row = execution.observedMetrics().get(_COUNTED).get()
    names = row.schema().fieldNames()
    return {names[at]: int(row.getLong(at)) for at in range(len(names))}
