"""Before and after a change of a contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from lakes import PRICES, past, write_contracts

from headgate.contract.model import Job
from headgate.cost.compare import Change, as_last_run, changes
from headgate.cost.estimate import estimate
from headgate.cost.work import Work
from headgate.lake.address import lake_at
from headgate.project import Project, load_project

MART = "source: {query: marts/daily_orders.sql}"
WORK = {"orders": Work((past(100.0, "laptop"),)), "daily_orders": Work((past(50.0, "laptop"),))}


def project(root: Path, contracts: dict[str, str]) -> Project:
    root.mkdir()
    return load_project(write_contracts(root, contracts), lake_at(str(root / "lake")))


def compared(tmp_path: Path, before: dict[str, str], after: dict[str, str], work: dict[str, Work]) -> list[Change]:
    old, new = project(tmp_path / "old", before), project(tmp_path / "new", after)
    return changes(estimate(old, old.run_order, work, PRICES), estimate(new, new.run_order, work, PRICES))


def test_nothing_that_costs_has_changed(tmp_path: Path) -> None:
    assert compared(tmp_path, {"orders": ""}, {"orders": "at_most: 0.2"}, WORK) == []


def test_more_workers_show_both_figures_and_the_difference(tmp_path: Path) -> None:
    (change,) = compared(tmp_path, {"orders": ""}, {"orders": "job: {workers: 4}"}, WORK)
    assert change.what == ("job: 2 of G.1X → 4 of G.1X",)
    assert change.before and change.after
    assert (change.before.dpu_seconds, change.after.dpu_seconds) == (200.0, 400.0)
    assert (change.before.month, change.after.month) == (pytest.approx(0.6), pytest.approx(1.2))
    assert change.month == pytest.approx(0.6)


def test_on_glue_more_workers_are_faster(tmp_path: Path) -> None:
    work = {"orders": Work((past(142.0, job=Job()),))}  # the start, and 120 s of work on 4 cores
    (change,) = compared(tmp_path, {"orders": ""}, {"orders": "job: {workers: 4}"}, work)
    assert change.after
    assert (change.after.seconds, change.after.dpu_seconds) == (62.0, 248.0)  # 22 + 120 x 4 / 12 cores


def test_a_schedule_changes_the_runs_of_the_marts_over_it(tmp_path: Path) -> None:
    before = {"orders": "", "daily_orders": MART}
    after = {"orders": "schedule: {refine: weekly}", "daily_orders": MART}
    orders, mart = compared(tmp_path, before, after, WORK)
    assert orders.what == ("schedule: arrival → weekly",)
    assert orders.month == pytest.approx((4.3 - 30) * 200 * 0.0001)
    assert mart.what == ("runs a month: 30 → 4.3, by what it reads",)
    assert mart.month == pytest.approx((4.3 - 30) * 120 * 0.0001)  # a minute is billed


def test_other_partitions_are_named_and_cost_the_same(tmp_path: Path) -> None:
    (change,) = compared(tmp_path, {"orders": ""}, {"orders": "partition_by: [order_id]"}, WORK)
    assert (change.what, change.month) == (("partition_by: [] → [order_id]",), 0)


def test_a_dataset_is_new_or_gone(tmp_path: Path) -> None:
    new, gone = compared(tmp_path, {"orders": ""}, {"returns": ""}, WORK)
    assert (new.what, new.month) == (("new",), pytest.approx(30 * 360 * 0.0001))
    assert (gone.what, gone.month) == (("gone",), pytest.approx(-0.6))


def test_the_sizes_of_the_last_runs_can_be_compared_with(tmp_path: Path) -> None:
    now = project(tmp_path / "now", {"orders": "job: {workers: 3}", "returns": "job: {workers: 3}"})
    was = as_last_run(now, {"orders": Work((past(1.0), past(1.0, job=Job(workers=9)), past(1.0, job=Job())))})
    assert [was.contracts[name].job.workers for name in ("orders", "returns")] == [9, 3]
