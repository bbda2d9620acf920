"""What dead runs have left of a dataset goes, and nothing else."""

from __future__ import annotations

from pathlib import Path

from headgate.lake.leftovers import clear_leftovers
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage


def test_the_judged_rows_of_one_dataset_go_whatever_run_has_left_them(tmp_path: Path) -> None:
    lake = Lake(LocalStorage(tmp_path))
    for path in ("r1/orders/staged/x", "r2/orders/staged/x", "r2/visits/staged/x", "r3/orders_2/x", "orders"):
        lake.storage.write(f"_work/{path}", b"left")
    clear_leftovers(lake, "orders")
    left = [stored.path for stored in lake.storage.list("_work/")]
    assert left == ["_work/orders", "_work/r2/visits/staged/x", "_work/r3/orders_2/x"]
