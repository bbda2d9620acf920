"""A run from the console, with nothing typed, goes well."""

from __future__ import annotations

from headgate.verify.probe import Probe
from headgate.verify.probed_lake import Scene
from headgate.verify.records import outcome


def _look(scene: Scene) -> str:
    ran = scene.published()
    said = outcome(ran.record)
    counts = f"read {said['read']}, published {said['published']}, quarantined {said['quarantined']}"
    return f"SUCCEEDED in {ran.job.get('ExecutionTime', 0)} s; {counts}"


PROBE = Probe(
    name="console-run",
    claim="a job runs from the console with nothing typed",
    sent="a file of 4 rows, 1 of them bad; StartJobRun without arguments",
    look=_look,
)
