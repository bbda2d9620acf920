"""A plain Parquet table is published: the catalog shows the run's folder, and Athena its rows."""

from __future__ import annotations

from headgate.lake.paths import table_folder
from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import MASKED, PARQUET
from headgate.verify.probed_lake import ProbedLake, quoted
from headgate.verify.records import dataset_part

SQL = "SELECT probe_id, amount FROM {table} ORDER BY probe_id"
FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"


def _look(lake: ProbedLake) -> str:
    run, job = lake.masked_run(), lake.jobs[PARQUET]
    dataset = dataset_part(run.record, PARQUET)
    counts = (dataset["status"], dataset["read"], dataset["published"], dataset["quarantined"])
    expected = ("published", len(MASKED.rows), MASKED.kept, len(MASKED.rows) - MASKED.kept)
    require(counts == expected, f"status, read, published, quarantined are {counts}, expected {expected}")
    storage = lake.aws.glue.get_table(DatabaseName=job.database, Name=job.table)["Table"]["StorageDescriptor"]
    require(storage["InputFormat"] == FORMAT, f"the table's format is {storage['InputFormat']}, not {FORMAT}")
    folder = job.lake_root.uri(f"{table_folder(PARQUET)}/{run.record['run_id']}")
    require(storage["Location"].rstrip("/") == folder, f"the table shows {storage['Location']}, not {folder}")
    answer = lake.ask(SQL, quoted(job.database, job.table))
    rows = [(line.split(",")[0], line.split(",")[2]) for line in MASKED.rows[: MASKED.kept]]
    require(list(answer.rows) == rows, f"Athena shows {answer.rows}, expected {rows}")
    return f"{MASKED.kept} rows in Athena, from the folder of run {run.record['run_id']}"


PROBE = Probe(
    name="parquet-table",
    claim="a plain Parquet table is published and read",
    sent="a file of 5 rows, 2 of them bad; StartJobRun without arguments",
    look=_look,
    dataset=PARQUET,
)
