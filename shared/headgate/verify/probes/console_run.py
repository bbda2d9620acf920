"""The job succeeds when it is started from the console with no arguments typed."""

from __future__ import annotations

from headgate.verify.probe import Probe
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.records import dataset_part


def _look(lake: ProbedLake) -> str:
    run = lake.published_run()
    dataset = dataset_part(run.record)
    counts = f"read {dataset['read']}, published {dataset['published']}, quarantined {dataset['quarantined']}"
    return f"SUCCEEDED in {run.job.get('ExecutionTime', 0)} s; {counts}"


PROBE = Probe(
    name="console-run",
    claim="a job runs from the console with no arguments typed",
    sent="a file of 4 rows, 1 of them bad; StartJobRun without arguments",
    look=_look,
)
