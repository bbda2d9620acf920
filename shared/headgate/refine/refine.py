"""refine: raw files → gate → clean → audit → publish, for one dataset. The order of the steps is the promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.frame import (
    DatasetRun,
    count_stored,
    framed,
    mark_unchanged,
    pass_gate,
    refuse_orphans,
    require_published_targets,
)
from headgate.lake.storage import Storage
from headgate.publish.table import MainMoved
from headgate.refine.absent import report_absent
from headgate.refine.apply import clean_batch, current_ledger, publish_batch
from headgate.refine.choose import Choice, list_objects, require_fitting_table
from headgate.refine.conflicts import refuse_conflicts
from headgate.refine.files import judge_files
from headgate.refine.intake import Batch, read_batch
from headgate.warehouse.export import export_publication, export_unexported

ATTEMPTS = 3  # publications against a main that other writers move


def refine(run: DatasetRun, source: Storage, contracts: Mapping[str, Contract]) -> None:
    """Bring a dataset's new objects into its published table, or leave the table as it was.

    Fills `run.outcome` step by step, so that a run which stops still reports what it had counted. Raises `GateClosed`
    when the data did not pass and `RunFailed` when the machinery did not work. `contracts` are all of the project.
    """
    with framed(run) as may_run:
        if not may_run:
            return
        with run.timed("list"):
            choice = list_objects(run, source)
        if run.request.dry:
            _report_plan(run, choice)
        elif choice.objects:
            _refine(run, source, choice, contracts)
        else:
            again = run.request.again
            mark_unchanged(run, f"no object matches `{again}`" if again else "no new or changed object")
            export_unexported(run)


def _refine(run: DatasetRun, source: Storage, choice: Choice, contracts: Mapping[str, Contract]) -> None:
    require_fitting_table(run, choice)
    require_published_targets(run, contracts)
    count_stored(run)
    with run.timed("read"):
        batch = read_batch(run, source, choice)
    with run.timed("gate"):
        batch = refuse_conflicts(run, batch)
        batch = judge_files(run, replace(batch, judged=refuse_orphans(run, batch.judged, contracts)))
        report_absent(run, batch)
        batch = replace(batch, kept=pass_gate(run, batch.judged, no_file_left=batch.no_file_left))
    choice = replace(choice, rewritten=read_from(choice, batch))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            clean_and_publish(run, batch, choice, contracts)
            return
        except MainMoved as moved:
            run.log("again", attempt=attempt)
            if attempt == ATTEMPTS:
                what = f"another writer published {ATTEMPTS} times meanwhile"
                raise RunFailed(what, where=str(moved), remedy="Run again.") from moved


def clean_and_publish(
    run: DatasetRun, batch: Batch, choice: Choice, contracts: Mapping[str, Contract] = MappingProxyType({})
) -> None:
    """One attempt. When another writer was first (`MainMoved`), no reader sees anything of it, and it is repeated."""
    ledger, stored = current_ledger(run, batch, choice), count_stored(run)
    with run.timed("clean"):
        cleaned = clean_batch(run, batch, choice, stored, ledger)
    with run.timed("publish"):
        publish_batch(run, batch, choice, cleaned, stored, ledger, contracts)
    export_publication(run, cleaned.change, ledger.pointer)


def read_from(choice: Choice, batch: Batch) -> tuple[str, ...]:
    """The rewritten objects whose new version was read; where it was refused, the former version stays published."""
    read = {stored.path for stored in batch.objects}
    return tuple(path for path in choice.rewritten if path in read)


def _report_plan(run: DatasetRun, choice: Choice) -> None:
    """What a run would read; nothing is written."""
    run.outcome.status = "planned" if choice.objects else "unchanged"
    run.outcome.objects = {**run.outcome.objects, "planned": [chosen.path for chosen in choice.objects]}
