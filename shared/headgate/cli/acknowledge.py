"""Acknowledge files that gave a dataset no row, so that later runs no longer name them."""

from __future__ import annotations

from collections.abc import Sequence

from headgate.cli.query import require_lake
from headgate.errors import UnusableArgument
from headgate.lake.acknowledged import acknowledge
from headgate.lake.ledger import Entry, read_ledger
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.publish.formats import published


def acknowledge_files(lake: Lake, dataset: str, paths: Sequence[str]) -> list[Entry]:
    """Acknowledge the refused and emptied files of these paths, or all of the dataset; returns them.

    Raises `UnusableArgument` for a dataset that was never published and for a path that does not wait.
    """
    require_lake(lake)
    tables = published(lake)
    if dataset not in tables:
        remedy = f"Published are {', '.join(sorted(tables)) or 'none'}."
        raise UnusableArgument(f"`{dataset}` was never published", where=lake.storage.root, remedy=remedy)
    with writing(lake, dataset):
        ledger = read_ledger(lake.storage, dataset, tables[dataset].pointer())
        return acknowledge(lake.storage, ledger, paths)
