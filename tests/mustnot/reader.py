"""Readers in a process of their own: what each table holds, over and over, until stdin ends.

    python reader.py LAKE DATASET,DATASET…      one JSON a line: {"began": …, "dataset": …, "rows": …, "total": …}

A dataset is asked through `headgate query`'s own function, and an Iceberg table also by pyiceberg's plan of its newest
metadata. `rows` is null where nothing is published; anything else that goes wrong is in `error`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from typing import Any

from pyiceberg.table import StaticTable

from headgate.cli.query import query
from headgate.errors import UnusableArgument
from headgate.lake.address import lake_at
from headgate.lake.paths import Lake
from headgate.publish.formats import published
from headgate.publish.iceberg_query import PublishedIceberg

PAUSE = 0.15


def main(lake: Lake, datasets: list[str]) -> None:
    """Read every dataset in turn until stdin ends."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        for dataset in datasets:
            print(json.dumps(_looked(lake, dataset)), flush=True)
        ended.wait(PAUSE)


def _looked(lake: Lake, dataset: str) -> dict[str, Any]:
    seen: dict[str, Any] = {"began": time.time(), "dataset": dataset}
    try:
        return {**seen, **_rows(lake, dataset), **_planned(lake, dataset)}
    except Exception:
        return {**seen, "error": traceback.format_exc()}


def _rows(lake: Lake, dataset: str) -> dict[str, Any]:
    try:
        found = query(f"SELECT COUNT(*), SUM(v)::BIGINT FROM {dataset}", lake).fetchall()
    except UnusableArgument as nothing:
        if "there is no lake here" in str(nothing) or "does not exist" in str(nothing):
            return {"rows": None, "total": None}
        raise
    return {"rows": found[0][0], "total": found[0][1]}


def _planned(lake: Lake, dataset: str) -> dict[str, Any]:
    table = published(lake).get(dataset)
    if not isinstance(table, PublishedIceberg):
        return {}
    tasks = StaticTable.from_metadata(table.metadata.as_uri()).scan().plan_files()
    return {"planned": sum(task.file.record_count for task in tasks)}


if __name__ == "__main__":
    main(lake_at(sys.argv[1]), sys.argv[2].split(","))
