"""The pipeline of a dataset builds the mart that reads it, after the dataset."""

from __future__ import annotations

from headgate.verify.probe import Probe, require
from headgate.verify.probe_dataset import ARRIVAL, GOOD, MART
from headgate.verify.probed_lake import ProbedLake, quoted
from headgate.verify.probes.arrival import arrived, run_since
from headgate.verify.records import dataset_part, read_record

SQL = "SELECT wave, row_count, amount FROM {table} ORDER BY wave"
EXPECTED = [(wave.name, str(wave.kept), str(wave.amount)) for wave in (ARRIVAL, GOOD)]


def _look(lake: ProbedLake) -> str:
    pipeline, job = arrived(lake), lake.jobs[MART]
    run = run_since(lake, job, pipeline.at)
    dataset = dataset_part(read_record(lake.aws, job, run), MART)
    counts, expected = (dataset["status"], dataset["published"]), ("published", len(EXPECTED))
    require(counts == expected, f"the record of run {run} has {counts}, expected {expected}")
    answer = lake.ask(SQL, quoted(job.database, job.table))
    require(list(answer.rows) == EXPECTED, f"Athena shows {answer.rows}, expected {EXPECTED}")
    return f"{len(EXPECTED)} rows from {GOOD.kept + ARRIVAL.kept} of the source, by the pipeline of the arrival"


PROBE = Probe(
    name="mart",
    claim="the pipeline builds a mart from what it has just published",
    sent="nothing more: the pipeline of the arrival above",
    look=_look,
    dataset=MART,
)
