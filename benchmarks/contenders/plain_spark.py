"""Careful PySpark without checks: texts, casts, no row that lacks a required value, newest per key, one table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from benchmarks.contract import Described, described
from benchmarks.meter import Meter

TRANSFORMS = {"days": F.days, "months": F.months, "years": F.years}
_TRUNCATED = {"days": "day", "months": "month", "years": "year"}


def work(spark: SparkSession, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """Read, cast, clean, and create the table."""
    table = described(contracts)
    create(catalog(spark, out), cleaned(spark, source, table), table)
    return {}


def cleaned(spark: SparkSession, source: Path, table: Described) -> DataFrame:
    """The newest row of each key, of those that can be cast."""
    texts = spark.read.csv(str(source / table.name), header=True)
    typed = texts.select(*(cast(name, kind) for name, kind in table.types.items()))
    return newest(typed.where(" and ".join(f"{name} is not null" for name in table.required)), table)


def newest(rows: DataFrame, table: Described) -> DataFrame:
    """One row per key: the newest."""
    order = Window.partitionBy(*table.key).orderBy(F.desc(table.newest))
    return rows.withColumn("_rank", F.row_number().over(order)).where("_rank = 1").drop("_rank")


def cast(name: str, kind: str) -> Any:
    """A text column as this type, null where it is none."""
    if kind == "timestamp_ntz":
        return F.to_timestamp_ntz(name, F.lit("yyyy-MM-dd HH:mm:ss")).alias(name)
    return F.col(name).cast(kind)


def catalog(spark: SparkSession, out: Path) -> SparkSession:
    """The same session, with a catalog of its own in the output folder."""
    spark.conf.set("spark.sql.catalog.bench", "org.apache.iceberg.spark.SparkCatalog")
    spark.conf.set("spark.sql.catalog.bench.type", "hadoop")
    spark.conf.set("spark.sql.catalog.bench.warehouse", f"file:{out}/lake/data-warehouse")
    return spark


def create(spark: SparkSession, rows: DataFrame, table: Described) -> None:
    """Create the table; the rows of each partition are brought together first."""
    together = rows.repartition(F.date_trunc(_TRUNCATED[table.transform], F.col(table.partition).cast("timestamp")))
    writer = together.writeTo(f"bench.data_warehouse_db.tbl_{table.name}").using("iceberg")
    writer.partitionedBy(TRANSFORMS[table.transform](table.partition)).create()
