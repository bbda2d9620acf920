"""One frame of everything that a plan reads."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.errors import RunFailed
from headgate.read.csv_frame import csv_frame
from headgate.read.json_frame import json_frame
from headgate.read.origin import settings, with_origin
from headgate.read.parquet_frame import alike, parquet_frame
from headgate.read.planning import Plan

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_FRAMES = {"csv": csv_frame, "lines": json_frame, "document": json_frame, "parquet": parquet_frame}
_LISTING = "spark.sql.sources.parallelPartitionDiscovery"


def frame(spark: SparkSession, contract: Contract, plan: Plan) -> DataFrame:
    """Texts under the published names (Parquet: values where their type fits), as they came; lazy, each object once.

    Further columns: `_faults` (array of strings, empty where the reader has none), `_raw` (the record's text where it
    has faults), `_file_fault` (a marker row: the whole file cannot be read), `_object`, `_arrival`.
    """
    if not plan.groups:
        return _nothing(spark, contract)
    if any(file.layout.copied and not file.uri for file in plan.files):
        raise RunFailed("some files must be copied before Spark can read them", remedy="Plan with a folder `aside`.")
    with settings(spark, _listing(plan)):
        frames = [_FRAMES[group.layout.kind](spark, contract, group) for group in plan.groups]
    if contract.source.format == "parquet":
        frames = alike(frames, contract)
    together = functools.reduce(DataFrame.unionByName, frames)
    return with_origin(together, spark, plan.files)


def _listing(plan: Plan) -> dict[str, str]:
    """List named files on the driver where that is quick, and in few tasks where every file is a request."""
    if all(file.read_uri.startswith("file:") for file in plan.files):
        return {f"{_LISTING}.threshold": str(len(plan.files) + 1)}
    return {f"{_LISTING}.parallelism": "64"}


def _nothing(spark: SparkSession, contract: Contract) -> DataFrame:
    texts = [column.name for column in contract.read_columns]
    text = F.lit(None).cast("string")
    return spark.range(0).select(
        *(text.alias(name) for name in texts),
        F.array().cast("array<string>").alias("_faults"),
        *(text.alias(name) for name in ("_raw", "_file_fault", "_object")),
        F.lit(None).cast("timestamp").alias("_arrival"),
    )
