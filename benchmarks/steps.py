"""What each step of a row costs: CPU seconds of one million rows, read from CSV, into a sink that keeps nothing.

    python -m benchmarks.steps [STEP…]

Every step includes those before it. Of four runs the first, in which the JVM compiles, is shown by itself; the second
figure is the median of the others. The first two lines are careful PySpark.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from benchmarks.contenders.plain_spark import cast
from benchmarks.contract import described, write_contract
from benchmarks.data import Data
from benchmarks.meter import Meter
from benchmarks.questions import Bench
from headgate import read
from headgate.cache import cache_folder
from headgate.contract.load import load_contracts
from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from headgate.gate.written_rows import written
from headgate.lake.catalog import SESSION
from headgate.lake.storage import LocalStorage
from headgate.spark.once import counted
from headgate.spark.session import local_session

ROWS, RUNS = 1_000_000, 4


def steps(spark: SparkSession, source: Path, scratch: Path) -> dict[str, Callable[[], DataFrame]]:
    """Each step's name, and what makes its rows."""
    contracts = write_contract(scratch / "contracts")
    (contract,) = load_contracts(contracts).values()
    table, judge, store = described(contracts), gate(contract), LocalStorage(source)
    plan = read.plan(contract, store, read.objects(store, contract.path), scratch / "aside")

    def texts() -> DataFrame:
        return spark.read.schema(", ".join(f"{name} string" for name in table.types)).csv(
            f"{source}/{table.name}", header=True
        )

    def frame() -> DataFrame:
        return read.frame(spark, contract, plan)

    def judged_rows() -> DataFrame:
        return typed(frame(), contract).transform(judged, judge)

    def counted_rows() -> DataFrame:
        return counted(judged_rows(), judge.metrics())

    return {
        "careful PySpark: texts": texts,
        "careful PySpark: casts": lambda: texts().select(*(cast(name, kind) for name, kind in table.types.items())),
        "texts, faults, origin": frame,
        "typed": lambda: typed(frame(), contract),
        "judged": judged_rows,
        "counted": counted_rows,
        "written": lambda: counted_rows().transform(written, judge, {}, "run"),
    }


def main() -> int:
    """Measure the steps that are named, or all, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("steps", nargs="*")
    wanted = parser.parse_args().steps
    source = Bench(cache_folder() / "benchmarks").data(Data(ROWS))
    spark = local_session("steps", 2)
    for key, setting in SESSION.items():
        spark.conf.set(key, setting)
    with tempfile.TemporaryDirectory(prefix="steps-") as scratch:
        for name, rows in steps(spark, source, Path(scratch)).items():
            if not wanted or name in wanted:
                first, *others = [_cpu(spark, rows) for _ in range(RUNS)]
                print(f"{name}: {statistics.median(others):.1f} s, the first time {first:.1f} s", flush=True)
    return 0


def _cpu(spark: SparkSession, rows: Callable[[], DataFrame]) -> float:
    meter = Meter(spark)
    with meter.measure():
        rows().write.format("noop").mode("overwrite").save()
    return float(meter.facts["cpu"])


if __name__ == "__main__":
    raise SystemExit(main())
