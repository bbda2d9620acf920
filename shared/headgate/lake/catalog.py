"""The lake as a Spark catalog, and the settings of every session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

CATALOG = "lake"  # the catalog's name in Spark SQL
Catalog = Literal["hadoop", "glue"]

# The settings of every session, on Glue and on a laptop. docs/SEMANTICS.md gives the reasons.
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "20000",
    "spark.sql.codegen.hugeMethodLimit": "8000",  # above it the JVM only interprets; Spark then works step by step
    "spark.sql.files.openCostInBytes": "65536",
    "spark.sql.maxConcurrentOutputFileWriters": "8",
    "spark.sql.adaptive.optimizer.excludedRules": "org.apache.spark.sql.execution.adaptive.AQEPropagateEmptyRelation",
}

_AT = f"spark.sql.catalog.{CATALOG}"
_KINDS: Mapping[Catalog, Mapping[str, str]] = {
    "hadoop": {f"{_AT}.type": "hadoop"},
    "glue": {
        f"{_AT}.catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
        f"{_AT}.io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    },
}


def session_settings(kind: Catalog, warehouse: str, options: Mapping[str, str]) -> dict[str, str]:
    """The settings of a session that works on a lake; `options` are further settings of its catalog."""
    return {
        _AT: "org.apache.iceberg.spark.SparkCatalog",
        **_KINDS[kind],
        f"{_AT}.warehouse": warehouse,
        f"{_AT}.cache-enabled": "false",
        **{f"{_AT}.{key}": setting for key, setting in options.items()},
        **SESSION,
    }
