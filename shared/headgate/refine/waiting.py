"""Name the files that gave the table no row: those of this run, and those that wait since an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from headgate.frame import DatasetRun
from headgate.lake.ledger import Entry
from headgate.read import RefusedFile


def name_files(
    run: DatasetRun,
    waiting: Sequence[Entry],
    refused: Sequence[RefusedFile] = (),
    emptied: Sequence[RefusedFile] = (),
) -> None:
    """Put the refused and the emptied files into the outcome, each with the run that found it so."""
    outcome = run.outcome
    of_before = [entry for entry in waiting if entry.refused], [entry for entry in waiting if not entry.refused]
    all_refused, all_emptied = (
        [_of_this_run(run, file) for file in files] + [_of_before(entry) for entry in entries]
        for files, entries in zip((refused, emptied), of_before, strict=True)
    )
    outcome.files_refused = len(all_refused)
    outcome.objects = {**outcome.objects, "refused": all_refused, "emptied": all_emptied}


def _of_this_run(run: DatasetRun, file: RefusedFile) -> dict[str, Any]:
    return {"path": file.object.path, "bytes": file.object.size, "reason": file.reason, "since": run.request.run}


def _of_before(entry: Entry) -> dict[str, Any]:
    return {"path": entry.path, "bytes": entry.size, "reason": str(entry.waits), "since": entry.run}
