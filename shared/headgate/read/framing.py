"""One frame of everything that a plan reads."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate.columns import ARRIVAL, OBJECT
from headgate.errors import RunFailed
from headgate.read.file_format import without_faults
from headgate.read.formats import file_format
from headgate.read.layout import Group
from headgate.read.origin import settings, with_origin
from headgate.read.planning import Plan

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_LISTING = "spark.sql.sources.parallelPartitionDiscovery"


def frame(spark: SparkSession, contract: Contract, plan: Plan) -> DataFrame:
    """The rows of every file of the plan, lazily: each file is read once.

    The columns have the published names and hold the texts of the files, unchanged (of typed formats: the values, where
    their type fits). Further columns: `FAULTS` (what is wrong with the record, empty where nothing is), `RAW` (the
    record's text where it has faults), `FILE_FAULT` (only on a marker row: why the whole file cannot be read), `OBJECT`
    and `ARRIVAL`.
    """
    if not plan.groups:
        return _no_rows(spark, contract)
    if any(file.layout.copied and not file.uri for file in plan.files):
        raise RunFailed("some files must be copied before Spark can read them", remedy="Plan with a folder `aside`.")
    read_as = file_format(contract.source)
    with settings(spark, _listing(plan)):
        frames = [_without_given(read_as.frame(spark, contract, group), group) for group in plan.groups]
    together = functools.reduce(DataFrame.unionByName, read_as.align(frames, contract))
    return with_origin(together, spark, plan.files)


def _without_given(df: DataFrame, group: Group[Any]) -> DataFrame:
    """Columns whose value is in the path of the file are texts, in typed formats too."""
    given = dict.fromkeys(name for file in group.files for name in file.given)
    return df.withColumns({name: F.lit(None).cast("string") for name in given}) if given else df


def _listing(plan: Plan) -> dict[str, str]:
    """List named files on the driver where that is quick, and in few tasks where every file is a request."""
    if all(file.read_uri.startswith("file:") for file in plan.files):
        return {f"{_LISTING}.threshold": str(len(plan.files) + 1)}
    return {f"{_LISTING}.parallelism": "64"}


def _no_rows(spark: SparkSession, contract: Contract) -> DataFrame:
    text = F.lit(None).cast("string")
    return spark.range(0).select(
        *(text.alias(column.name) for column in contract.read_columns),
        *without_faults(),
        text.alias(OBJECT),
        F.lit(None).cast("timestamp").alias(ARRIVAL),
    )
