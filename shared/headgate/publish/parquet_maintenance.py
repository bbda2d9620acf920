"""Maintenance of a plain Parquet table: folders that no publication which can be put back names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from headgate.lake.storage import Storage, StoredObject
from headgate.publish.maintenance import Care, Keep
from headgate.publish.parquet import current, state_at, state_file


@dataclass
class _Folder:
    newest: datetime
    objects: list[StoredObject] = field(default_factory=list)


def care_for_parquet(storage: Storage, dataset: str, keep: Keep) -> Care:
    """Remove run folders and states that neither the table nor a former publication young enough needs.

    A folder younger than a day stays: a run may be writing it, a reader may have listed it.
    """
    root, care = f"data-warehouse/{dataset}", Care()
    state = current(storage, dataset)
    if state is None:
        return care
    needed, states = set(state.folders), {state.run}
    for run in state.former:
        file = state_file(dataset, run)
        young = any(one.arrival >= keep.former_since for one in storage.list(file))
        former = state_at(storage, file) if young else None
        if former is not None:
            needed |= set(former.folders)
            states.add(run)
    for run, folder in _folders(storage, root).items():
        if run not in needed and folder.newest < keep.used_since:
            storage.delete(f"{root}/{run}")
            care.folders_removed += 1
            care.files_removed += sum(one.path.rpartition("/")[2][0] not in "._" for one in folder.objects)
            care.bytes_removed += sum(one.size for one in folder.objects)
    for one in list(storage.list(f"states/{dataset}/")):
        if one.path.rpartition("/")[2].removesuffix(".json") not in states and one.arrival < keep.used_since:
            storage.delete(one.path)
    return care


def _folders(storage: Storage, root: str) -> dict[str, _Folder]:
    """The run folders of a table with their objects."""
    found: dict[str, list[StoredObject]] = defaultdict(list)
    for one in storage.list(f"{root}/"):
        name, slash, _ = one.path.removeprefix(f"{root}/").partition("/")
        if slash and not name.startswith("_"):
            found[name].append(one)
    return {name: _Folder(max(one.arrival for one in objects), objects) for name, objects in found.items()}
