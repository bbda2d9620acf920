"""Forget the lists of deleted keys that no publication needs any more; the newest list has every key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from headgate.lake.ledger import read_ledger
from headgate.lake.paths import deleted_keys, ledger_folder
from headgate.lake.storage import Storage


def forget_deleted_keys(storage: Storage, dataset: str, pointers: Iterable[str], older_than: datetime) -> int:
    """Remove the lists that none of these ledger files names, and return how many were removed.

    A list with a file that is not older stays: a run may be writing it.
    """
    newest: dict[str, datetime] = {}
    mark = deleted_keys(dataset, "")
    for file in storage.list(f"{ledger_folder(dataset)}/"):
        run, found, _ = file.path.removeprefix(f"{ledger_folder(dataset)}/").partition(mark.rpartition("/")[2])
        if found:
            place = deleted_keys(dataset, run)
            newest[place] = max(file.arrival, newest.get(place, file.arrival))
    needed = {read_ledger(storage, dataset, pointer).deleted for pointer in pointers} if newest else set()
    old = [place for place, arrival in newest.items() if arrival < older_than and place not in needed]
    for place in old:
        storage.delete(place)
    return len(old)
