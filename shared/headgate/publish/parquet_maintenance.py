"""Maintenance of a Parquet table: remove the folders that neither the table nor a rollback needs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from headgate.lake.paths import state_file, states_folder, table_folder
from headgate.lake.storage import Storage, StoredObject
from headgate.publish.maintenance import KeepRules, MaintenanceCounts
from headgate.publish.parquet_state import current, state_at


@dataclass
class _Folder:
    newest: datetime
    files: list[StoredObject] = field(default_factory=list)


def maintain_parquet(storage: Storage, dataset: str, keep: KeepRules) -> MaintenanceCounts:
    """Remove run folders and states that neither the table nor a former publication young enough needs.

    A folder younger than a day stays: a run may be writing it, a reader may have listed it.
    """
    counts, needed = MaintenanceCounts(), _needed(storage, dataset, keep)
    if needed is None:
        return counts
    folders, states = needed
    for run, folder in _folders(storage, dataset).items():
        if run not in folders and folder.newest < keep.used_since:
            storage.delete(f"{table_folder(dataset)}/{run}")
            counts.folders_removed += 1
            counts.files_removed += sum(file.path.rpartition("/")[2][0] not in "._" for file in folder.files)
            counts.bytes_removed += sum(file.size for file in folder.files)
    for file in list(storage.list(f"{states_folder(dataset)}/")):
        if file.path not in states and file.arrival < keep.used_since:
            storage.delete(file.path)
    return counts


def _needed(storage: Storage, dataset: str, keep: KeepRules) -> tuple[set[str], set[str]] | None:
    """The run folders and the state files that must stay; None when nothing was published."""
    state = current(storage, dataset)
    if state is None:
        return None
    folders, states = set(state.folders), {state_file(dataset, state.run)}
    for path in (state_file(dataset, run) for run in state.former):
        young = any(file.arrival >= keep.former_since for file in storage.list(path))
        former = state_at(storage, path) if young else None
        if former is not None:
            folders |= set(former.folders)
            states.add(path)
    return folders, states


def _folders(storage: Storage, dataset: str) -> dict[str, _Folder]:
    """The run folders of a table with their files."""
    root = f"{table_folder(dataset)}/"
    files: dict[str, list[StoredObject]] = defaultdict(list)
    for file in storage.list(root):
        run, slash, _ = file.path.removeprefix(root).partition("/")
        if slash and not run.startswith("_"):
            files[run].append(file)
    return {run: _Folder(max(file.arrival for file in below), below) for run, below in files.items()}
