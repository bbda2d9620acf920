"""Advice names its figures, and there is none where nothing is known."""

from __future__ import annotations

from pathlib import Path

from lakes import PRICES, past, write_contracts

from headgate.contract.model import Job
from headgate.cost.advice import advice
from headgate.cost.estimate import estimate
from headgate.cost.work import Work
from headgate.lake.address import lake_at
from headgate.project import load_project

TEN, THREE = Job(workers=10), Job(workers=3)


def advised(tmp_path: Path, more: str, work: Work) -> list[str]:
    project = load_project(write_contracts(tmp_path, {"orders": more}), lake_at(str(tmp_path / "lake")))
    return advice(estimate(project, ["orders"], {"orders": work}, PRICES), PRICES)


def test_a_short_run_on_a_laptop_is_billed_a_minute_by_every_worker(tmp_path: Path) -> None:
    work = Work((past(8.0, "laptop", size=2_500_000),))
    assert advised(tmp_path, "job: {workers: 10}", work) == [
        "orders: 8 s for 2.5 MB (0.07 MB per core of the job) on one laptop, and Glue bills a minute anyway. A minute "
        "is 0.0600 USD with 10 of G.1X, 0.0120 USD with 2 of G.1X: try fewer workers."
    ]


def test_a_run_on_glue_is_worked_out_for_every_smaller_size(tmp_path: Path) -> None:
    # The start of 22 s, and 18 s on 36 cores: 648 core-seconds. Five workers (16 cores) need 62.5 s, six 54.4 s.
    # 5 x 62.5 = 312.5 DPU-s, 6 x 60 = 360, 4 x 76 = 304, 3 x 103 = 309, 2 x 184 = 368.
    assert advised(tmp_path, "job: {workers: 10}", Work((past(40.0, job=TEN),))) == [
        "orders: 10 of G.1X take 40 s and are billed 60 s: 0.0600 USD. 4 of G.1X would take about 76 s: 0.0304 USD."
    ]


def test_a_smaller_size_that_saves_little_is_not_advised(tmp_path: Path) -> None:
    # 22 s and 1,000 s on 8 cores: 3,066 DPU-s. Two workers need 2,022 s: 4,044 DPU-s.
    assert advised(tmp_path, "job: {workers: 3}", Work((past(1022.0, job=THREE),))) == []


def test_many_deliveries_can_share_a_daily_run(tmp_path: Path) -> None:
    work = Work(tuple(past(60.0, days=day / 10, job=Job()) for day in range(101)))  # ten runs a day
    assert advised(tmp_path, "", work) == [
        "orders: 300 runs a month, one per delivery: 3.60 USD. `schedule: {refine: daily 04:00 UTC}` makes 30 runs: "
        "0.36 USD, and rows up to a day old."
    ]


def test_a_schedule_can_wait_for_spare_capacity(tmp_path: Path) -> None:
    work = Work((past(100.0, "laptop"),))
    assert advised(tmp_path, "schedule: {refine: 'daily 04:00 UTC'}", work) == [
        "orders: scheduled, 0.60 USD a month. With `execution: flex` 0.30 USD, if it may wait for spare capacity."
    ]


def test_a_size_that_has_no_spare_capacity_is_not_advised_to_wait_for_it(tmp_path: Path) -> None:
    more = "schedule: {refine: 'daily 04:00 UTC'}\njob: {worker: G.4X}"
    assert advised(tmp_path, more, Work((past(100.0, "laptop"),))) == []


def test_a_run_near_its_timeout_is_named(tmp_path: Path) -> None:
    work = Work((past(100.0, job=Job()), past(500.0, job=Job())))
    assert advised(tmp_path, "job: {timeout_min: 10}", work) == [
        "orders: the longest run took 500 s, and Glue ends it after 600 s: raise `timeout_min`, or use more workers."
    ]


def test_without_a_run_there_is_no_advice_on_workers(tmp_path: Path) -> None:
    assert advised(tmp_path, "job: {workers: 10}", Work(bytes=1_000)) == []
