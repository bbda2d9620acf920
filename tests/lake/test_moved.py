"""A lake that was moved says where it was made, and the command that brings it back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import Bench, csv
from headgate.cli.local import run_here
from headgate.cli.query import query, require_lake
from headgate.errors import UnusableArgument
from headgate.lake.address import lake_at


@pytest.fixture
def published(bench: Bench) -> Path:
    bench.contract("orders")
    bench.put("orders/a.csv", csv("a,1"))
    assert bench.one("orders").status == "published"
    return bench.root / "lake"


def test_a_moved_lake_names_the_command_that_moves_it_back(bench: Bench, published: Path) -> None:
    moved = published.rename(bench.root / "elsewhere")
    with pytest.raises(UnusableArgument) as refused:
        query("SELECT * FROM orders", lake_at(str(moved)))
    assert f"this lake was made at {published}, and its tables name that place" in str(refused.value)
    assert f"`mv {moved} {published}`" in str(refused.value)
    with pytest.raises(UnusableArgument, match="this lake was made at"):
        run_here(bench.root / "contracts", bench.root / "staging", moved, ["orders"], progress=False)
    moved.rename(published)
    assert query("SELECT order_id FROM orders", lake_at(str(published))).fetchall() == [("a",)]


def test_a_copied_lake_does_not_write_into_the_original(bench: Bench, published: Path) -> None:
    copy = bench.root / "copy of it"
    shutil.copytree(published, copy)
    with pytest.raises(UnusableArgument, match="Use the lake there"):
        require_lake(lake_at(str(copy)))


def test_a_link_to_a_lake_is_the_lake(bench: Bench, published: Path) -> None:
    link = bench.root / "link"
    link.symlink_to(published)
    require_lake(lake_at(str(link)))
    shutil.rmtree(published / "data-warehouse" / "data_warehouse_db")
    require_lake(lake_at(str(published)))  # without tables there is nothing that could be elsewhere
