"""The same careful PySpark, with Great Expectations on rows in a scratch table, before they are published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.contenders.plain_spark import catalog, cleaned, create
from benchmarks.contract import described
from benchmarks.meter import Meter
from headgate.contract.load import load_contracts


def work(spark: SparkSession, meter: Meter, source: Path, out: Path, contracts: Path) -> dict[str, Any]:
    """Clean, stage as Parquet, validate what was staged, publish them."""
    table, staged = described(contracts), str(out / "staged")
    cleaned(spark, source, table).write.parquet(staged)
    rows = catalog(spark, out).read.parquet(staged)
    failed = _validate(rows, contracts)
    create(spark, rows, table)
    return {"failed": failed}


def _validate(rows: Any, contracts: Path) -> int:
    """How many expectations of the contract's checks do not hold, in BOOLEAN_ONLY: the cheapest way to ask."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)  # type: ignore[assignment]
    suite = gx.ExpectationSuite(name="events")
    for check in load_contracts(contracts)["events"].all_checks:
        wanted: Any = {"type": check.expect, "kwargs": dict(check.kwargs)}
        suite.expectations.extend(gx.ExpectationSuite(name="one", expectations=[wanted]).expectations)
    source = context.data_sources.add_spark("staged", persist=False)
    batch = source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("rows")
    result = batch.get_batch({"dataframe": rows}).validate(suite, result_format="BOOLEAN_ONLY")
    return sum(not one.success for one in result.results)
