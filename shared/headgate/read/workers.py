"""Python workers of Spark must import this library too."""

from __future__ import annotations

import os
from pathlib import Path

from pyspark.sql import SparkSession


def let_workers_import(spark: SparkSession) -> None:
    """Python workers start with the environment of the Spark context, not with this process's `sys.path`."""
    environment = spark.sparkContext.environment
    home, paths = str(Path(__file__).parents[2]), environment.get("PYTHONPATH", "").split(os.pathsep)
    if home not in paths:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [home, *paths]))
