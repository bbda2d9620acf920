"""Measure the cost of the gate: `headgate run` compared with a plain Spark script of the same cleaning and files.

    python benchmarks/refine_against_plain_spark.py [--rows 1000000] [--pairs 3]

The plain script reads the texts, casts them, drops rows whose values cannot be cast, keeps the newest row per key and
creates the same Iceberg table: no checks, no quarantine, no audit, no ledger, no counts. Both run in one Spark
application, in turn, into fresh lakes; their rows are compared before their times. Figures are ratios (ours / plain),
since machines differ.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F

from headgate.lake.address import lake_at
from headgate.lake.storage import LocalStorage
from headgate.project import load_project
from headgate.request import RunRequest
from headgate.run import run
from headgate.spark.session import local_session

FILES = 16
CONTRACT = """\
dataset: events
domain: benchmark
owner: nobody@example.org
description: One row per event; the newest wins.
columns:
  - {name: event_id, type: bigint, required: true}
  - {name: kind, type: string, required: true, enum: [view, cart, order, back]}
  - {name: happened, type: timestamp_ntz, required: true, formats: ["yyyy-MM-dd HH:mm:ss"]}
  - {name: country, type: string, pattern: "^[A-Z]{2}$"}
  - {name: amount, type: "decimal(12,2)", minimum: 0}
  - {name: quantity, type: int, minimum: 0, maximum: 100}
  - {name: rate, type: double, minimum: 0, maximum: 1, otherwise: warn}
  - {name: note, type: string, max_length: 60}
key: [event_id]
order: [{column: happened}]
partition_by: [days(happened)]
at_most: 0.5
"""


def main() -> None:
    """Make the files, compare the rows once, then measure both in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    spark = local_session("benchmark")
    with tempfile.TemporaryDirectory(prefix="headgate-benchmark-") as folder:
        root = Path(folder)
        _make(root, given.rows)
        ours, plain = _ours(spark, root, "warm-ours"), _plain(spark, root, "warm-plain")
        if ours != plain:
            raise SystemExit(f"the rows differ: ours {ours}, plain {plain}")
        print(f"{given.rows:,} rows read, {ours[0]:,} published by both; seconds per pair:")
        ratios = []
        for pair in range(given.pairs):
            ours_seconds = _seconds(lambda: _ours(spark, root, f"ours-{pair}"))  # noqa: B023 (called at once)
            plain_seconds = _seconds(lambda: _plain(spark, root, f"plain-{pair}"))  # noqa: B023
            ratios.append(ours_seconds / plain_seconds)
            print(f"  ours {ours_seconds:6.1f}   plain {plain_seconds:6.1f}   ratio {ratios[-1]:.2f}")
        print(f"ratio: min {min(ratios):.2f}, median {statistics.median(ratios):.2f}, max {max(ratios):.2f}")
    spark.stop()


def _seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _make(root: Path, rows: int) -> None:
    (root / "contracts").mkdir()
    (root / "contracts" / "events.yaml").write_text(CONTRACT)
    folder = root / "staging" / "events"
    folder.mkdir(parents=True)
    dice = random.Random(1)
    for number in range(FILES):
        with (folder / f"{number:02d}.csv").open("w") as file:
            file.write("event_id,kind,happened,country,amount,quantity,rate,note\n")
            file.writelines(_line(dice, rows) for _ in range(rows // FILES))


def _line(dice: random.Random, rows: int) -> str:
    bad = dice.random() < 0.015
    amount = "lots" if bad else f"{dice.random() * 1000:.2f}"
    clock = f"{dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}:{dice.randint(0, 59):02d}"
    happened = f"2026-01-{dice.randint(1, 28):02d} {clock}"
    kind = dice.choice(("view", "cart", "order", "back"))
    event = dice.randint(1, rows)
    country, quantity, rate = dice.choice(("IT", "DE", "FR")), dice.randint(0, 100), dice.random()
    return f"{event},{kind},{happened},{country},{amount},{quantity},{rate:.4f},note {event}\n"


def _ours(spark: SparkSession, root: Path, lake: str) -> tuple[int, int]:
    at = lake_at(str(root / lake))
    project = load_project(root / "contracts", at)
    outcome = run(lambda: spark, project, at, LocalStorage(root / "staging"), RunRequest(("events",))).outcomes[
        "events"
    ]
    if outcome.status != "published":
        raise SystemExit(f"{outcome.status}: {outcome.reason}")
    return _sums(at.session(spark), at.spark_table("events"))


def _plain(spark: SparkSession, root: Path, lake: str) -> tuple[int, int]:
    at = lake_at(str(root / lake))
    session = at.session(spark)
    texts = session.read.csv(str(root / "staging" / "events"), header=True)
    typed = texts.select(
        F.col("event_id").cast("bigint"),
        "kind",
        F.to_timestamp_ntz("happened", F.lit("yyyy-MM-dd HH:mm:ss")).alias("happened"),
        "country",
        F.col("amount").cast("decimal(12,2)"),
        F.col("quantity").cast("int"),
        F.col("rate").cast("double"),
        "note",
    ).where("event_id is not null and happened is not null and amount is not null")
    newest = Window.partitionBy("event_id").orderBy(F.desc("happened"), F.desc("amount"))
    clean = typed.withColumn("_rank", F.row_number().over(newest)).where("_rank = 1").drop("_rank")
    session.sql(f"CREATE NAMESPACE IF NOT EXISTS lake.{at.database}")
    clean.writeTo(at.spark_table("events")).using("iceberg").partitionedBy(F.days("happened")).create()
    return _sums(session, at.spark_table("events"))


def _sums(session: SparkSession, table: str) -> tuple[int, int]:
    """The number of rows and the sum of their keys, in which both ways of cleaning must agree."""
    row = session.table(table).agg(F.count("*").alias("rows"), F.sum("event_id").alias("keys")).first()
    return (int(row["rows"]), int(row["keys"])) if row else (0, 0)


if __name__ == "__main__":
    main()
