"""The tutorial's Glue job: types by inferSchema, a count before and after, and one count for each check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from benchmarks.contenders.plain_spark import catalog, create, newest
from benchmarks.contract import described
from benchmarks.meter import Meter

CHECKS = (
    "kind IS NOT NULL", "kind IN ('view', 'cart', 'order', 'back')", "event_id >= 0", "country RLIKE '^[A-Z]{2}$'",
    "amount >= 0", "quantity >= 0", "quantity <= 100", "rate >= 0", "rate <= 1", "length(note) <= 60", "user_id >= 0",
)  # fmt: skip


def work(spark: SparkSession, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """Read with inferSchema, cast what it did not see, count, check by check, and write."""
    table = described(contracts)
    rows = spark.read.csv(str(source / "events"), header=True, inferSchema=True)
    rows = rows.withColumn("amount", F.col("amount").cast("decimal(12,2)"))
    rows = rows.withColumn("happened", F.col("happened").cast("timestamp_ntz")).withColumn(
        "event_id", F.col("event_id").cast("bigint")
    )
    before = rows.count()
    for name in table.required:
        rows = rows.filter(F.col(name).isNotNull())
    failing = {check: rows.filter(f"NOT ({check})").count() for check in CHECKS}
    clean = newest(rows, table)
    after = clean.count()
    create(catalog(spark, out), clean, table)
    return {"before": before, "after": after, "failing": sum(failing.values())}
