"""What runs that died have left in `_work/`."""

from __future__ import annotations

from headgate.lake.paths import WORK, Lake


def clear_leftovers(lake: Lake, dataset: str) -> None:
    """Remove the judged rows that dead runs have left of a dataset. Only the holder of its lock may call this."""
    parts = (file.path.split("/") for file in lake.storage.list(f"{WORK}/"))
    for run in {run for _, run, *rest in parts if rest[:1] == [dataset]}:
        lake.storage.delete(lake.work(run, dataset))
