"""Refine into a Glue catalog: run by test_glue_catalog.py in a process of its own, since its Spark needs more jars.

`python glue_smoke.py FOLDER ENDPOINT` prints one line of JSON with what it found.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3

from bench import Bench, csv
from headgate.contract.model import Contract
from headgate.frame import DatasetRun, dataset_run, pass_gate
from headgate.lake.ledger import read_ledger
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.outcome import Outcome
from headgate.project import load_project
from headgate.publish.iceberg import IcebergTable
from headgate.publish.table import MainMoved
from headgate.refine.choose import Choice, list_objects
from headgate.refine.intake import Batch, read_batch
from headgate.refine.refine import clean_and_publish
from headgate.request import RunRequest
from headgate.spark.jars import jar
from headgate.spark.session import local_session
from headgate.upkeep.maintain import maintain
from headgate.upkeep.rollback import resume, roll_back

WRITERS = 4
ROWS = 5  # of each writer
BUCKET = "lake"
EVENTS = """\
columns:
  - {name: id, type: string, required: true}
"""


class GlueBench(Bench):
    """A project whose tables lie in a bucket, under a Glue catalog; ledger and staging stay in the folder."""

    endpoint = ""

    @property
    def lake(self) -> Lake:
        options = {
            "glue.endpoint": self.endpoint,
            "s3.endpoint": self.endpoint,
            "s3.path-style-access": "true",
            "client.region": "us-east-1",
        }
        lies = f"s3://{BUCKET}/data-warehouse"
        return Lake(LocalStorage(self.root / "lake"), catalog="glue", options=options, tables_at=lies)

    def table(self, name: str) -> list[list[Any]]:
        """The published rows of the contract's columns, sorted."""
        shown = {"orders": "order_id, cast(amount AS string)", "events": "id"}[name]
        session = self.lake.session(self.spark)
        return sorted(list(row) for row in session.sql(f"SELECT {shown} FROM {self.lake.spark_table(name)}").collect())


def merged(bench: GlueBench) -> dict[str, Any]:
    """A merge twice: the first makes the table, the second updates and inserts, the third finds nothing new."""
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1.00", "b,2.00", "c,-1"))
    first = bench.one("orders")
    bench.put("orders/b.csv", csv("b,3.00", "d,4.00"), arrived=60)
    second, third = bench.one("orders"), bench.one("orders")
    return {
        "status": [first.status, second.status, third.status],
        "counts": [first.inserted, first.quarantined, second.updated, second.inserted],
        "rows": bench.table("orders"),
        "ledger": [second.ledger, published(bench, "orders")["ledger"]],
        "errors": [outcome.error for outcome in (first, second, third) if outcome.error],
    }


def appended(bench: GlueBench) -> dict[str, Any]:
    """An append whose object is rewritten: its rows are replaced."""
    bench.contract("events", EVENTS)
    bench.put("events/a.csv", csv("1", "2", header="id"))
    bench.put("events/b.csv", csv("3", header="id"))
    first = bench.one("events")
    bench.put("events/a.csv", csv("2", "4", "5", header="id"), arrived=60)
    second = bench.one("events")
    return {
        "status": [first.status, second.status],
        "removed": second.removed,
        "rows": bench.table("events"),
        "errors": [outcome.error for outcome in (first, second) if outcome.error],
    }


def read_by(bench: GlueBench, name: str, writer: int) -> tuple[DatasetRun, Batch, Choice]:
    """A writer that has read its batch and knows what was published then; the next step is to publish it."""
    contract = contract_of(bench, name)
    folder = bench.root / f"staging-{name}-{writer}" / name
    folder.mkdir(parents=True)
    (folder / f"w{writer}.csv").write_text(csv(*(f"{writer}-{n},1.00" for n in range(ROWS))))
    source, request = LocalStorage(folder.parent), RunRequest(run=f"20260101t000000z-{name[0]}{writer}")
    run = dataset_run(lambda: bench.spark, bench.lake, contract, request, Outcome(name, "dataset"))
    choice = list_objects(run, source)
    batch = read_batch(run, source, choice)
    pass_gate(run, batch.judged)
    return run, batch, choice


def raced(bench: GlueBench, name: str) -> dict[str, Any]:
    """Writers that publish at the same moment, each again for as long as another one was first."""
    ready = [read_by(bench, name, writer) for writer in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    moved: list[str] = []
    failed: list[str] = []

    def publish(writer: int) -> None:
        run, batch, choice = ready[writer]
        together.wait()
        for _ in range(4 * WRITERS):
            try:
                clean_and_publish(run, batch, choice)
                return
            except MainMoved as error:
                moved.append(_name(error.__cause__))
            except Exception as error:
                failed.append(f"{type(error).__name__}: {error}"[:1000])
                return
        failed.append(f"writer {writer} never was first")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(publish, range(WRITERS)))
    return {"moved": moved, "failed": failed, **published(bench, name)}


def published(bench: GlueBench, name: str) -> dict[str, Any]:
    """What readers see, and what the ledger says was read."""
    pointer = IcebergTable(
        lambda: bench.lake.session(bench.spark), bench.lake, contract_of(bench, name), "look"
    ).pointer()
    ledger = read_ledger(bench.lake.storage, name, pointer)
    refs = bench.lake.session(bench.spark).sql(f"SELECT name FROM {bench.lake.spark_table(name)}.refs").collect()
    return {
        "rows": [row[0] for row in bench.table(name)],
        "ledger": pointer,
        "read": sorted(ledger.entries),
        "refs": sorted(row["name"] for row in refs),
    }


def contract_of(bench: GlueBench, name: str) -> Contract:
    """The contract as the project has it."""
    return load_project(bench.root / "contracts", bench.lake).contracts[name]


def maintained(bench: GlueBench) -> dict[str, Any]:
    """Maintenance of a table with many small files, and then a rollback, a hold, and a resume."""
    events = contract_of(bench, "events")
    for number in range(3):
        bench.put(f"events/more{number}.csv", csv(f"9{number}", header="id"), arrived=120 + number)
        bench.one("events")
    before = bench.table("events")
    (result,) = maintain(bench.spark, bench.lake, [events])
    after = bench.table("events")
    roll_back(bench.spark, bench.lake, events)
    back, held = bench.table("events"), bench.one("events")
    resume(bench.spark, bench.lake, events)
    again = bench.one("events")
    return {
        "result": [result.status, str(result.error), result.counts.files_compacted, result.counts.files_written],
        "same": before == after,
        "rows": [len(before), len(back), len(bench.table("events"))],
        "status": [held.status, held.reason, again.status],
    }


def _name(cause: BaseException | None) -> str:
    """Iceberg's error; empty where the version was compared before."""
    lines = str(cause).splitlines() if cause else ["main had moved"]
    return next((line for line in lines if "Exception" in line), lines[0])[:200]


def main(arguments: Sequence[str]) -> None:
    """Make the bucket, run every part, and print what was found."""
    folder, endpoint = Path(arguments[0]), arguments[1]
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    spark = local_session("glue-smoke", 4, [jar("iceberg-aws-bundle")])
    (folder / "staging").mkdir(parents=True)
    bench = GlueBench(spark, folder)
    GlueBench.endpoint = endpoint
    found = {"merged": merged(bench), "appended": appended(bench), "raced": raced(bench, "orders")}
    found["maintained"] = maintained(bench)
    print(json.dumps(found))
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
