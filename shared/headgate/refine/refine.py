"""refine: raw files → gate → clean → audit → publish, for one dataset. The order of the steps is the promise."""

from __future__ import annotations

from headgate.errors import RunFailed
from headgate.frame import DatasetRun, count_stored, framed, mark_unchanged, pass_gate
from headgate.lake.storage import Storage
from headgate.publish.table import MainMoved
from headgate.refine.apply import clean_batch, current_ledger, publish_batch
from headgate.refine.choose import Choice, list_objects, require_fitting_table
from headgate.refine.intake import Batch, read_batch

ATTEMPTS = 3  # publications against a main that other writers move


def refine(run: DatasetRun, source: Storage) -> None:
    """Bring a dataset's new objects into its published table, or leave the table as it was.

    Fills `run.outcome` step by step, so that a run which stops still reports what it had counted. Raises `GateClosed`
    when the data did not pass and `RunFailed` when the machinery did not work.
    """
    with framed(run) as may_run:
        if not may_run:
            return
        with run.timed("list"):
            choice = list_objects(run, source)
        if run.request.dry:
            _report_plan(run, choice)
        elif choice.objects:
            _refine(run, source, choice)
        else:
            again = run.request.again
            mark_unchanged(run, f"no object matches `{again}`" if again else "no new or changed object")


def _refine(run: DatasetRun, source: Storage, choice: Choice) -> None:
    require_fitting_table(run, choice)
    count_stored(run)
    with run.timed("read"):
        batch = read_batch(run, source, choice)
    with run.timed("gate"):
        pass_gate(run, batch.judged)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            clean_and_publish(run, batch, choice)
            return
        except MainMoved as moved:
            run.log("again", attempt=attempt)
            if attempt == ATTEMPTS:
                what = f"another writer published {ATTEMPTS} times meanwhile"
                raise RunFailed(what, where=str(moved), remedy="Run again.") from moved


def clean_and_publish(run: DatasetRun, batch: Batch, choice: Choice) -> None:
    """One attempt. When another writer was first (`MainMoved`), no reader sees anything of it, and it is repeated."""
    ledger, stored = current_ledger(run, batch, choice), count_stored(run)
    with run.timed("clean"):
        change = clean_batch(run, batch, choice, stored)
    with run.timed("publish"):
        publish_batch(run, batch, choice, change, stored, ledger)


def _report_plan(run: DatasetRun, choice: Choice) -> None:
    """What a run would read; nothing is written."""
    run.outcome.status = "planned" if choice.objects else "unchanged"
    run.outcome.objects = {**run.outcome.objects, "planned": [chosen.path for chosen in choice.objects]}
