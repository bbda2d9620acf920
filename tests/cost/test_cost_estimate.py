"""The cost of runs and months. At 0.36 USD per DPU-hour, a second of one DPU costs 0.0001 USD."""

from __future__ import annotations

from pathlib import Path

import pytest
from lakes import PRICES, past, write_contracts

from headgate.cost.estimate import estimate, month_of
from headgate.cost.work import Work
from headgate.lake.address import lake_at
from headgate.project import Project, load_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A dataset on arrival, a weekly one on twice two DPUs, and a mart over the first."""
    contracts = {
        "orders": "",
        "visits": "schedule: {refine: weekly}\njob: {worker: G.2X, workers: 2, execution: flex}",
        "daily_orders": "source: {query: marts/daily_orders.sql}",
    }
    return load_project(write_contracts(tmp_path, contracts), lake_at(str(tmp_path / "lake")))


def test_a_run_and_a_month_cost_what_was_computed_by_hand(project: Project) -> None:
    work = {"orders": Work((past(100.0, "laptop"), past(30.0, "laptop"), past(20.0, "laptop")))}
    orders, visits = estimate(project, ["orders", "visits"], work, PRICES)
    assert (orders.seconds, orders.dpu_seconds, orders.usd) == (30.0, 120.0, pytest.approx(0.012))  # a minute is billed
    assert orders.largest_usd == pytest.approx(0.02)  # 2 x 100 s
    assert (orders.runs, orders.runs_assumed, orders.month) == (30, True, pytest.approx(0.36))
    assert visits.dpu_seconds == 2 * 2 * 180  # no run: 3 minutes are assumed
    assert (visits.runs, visits.runs_assumed) == (4.3, False)
    assert visits.month == pytest.approx(4.3 * 720 * 0.00005)  # flex costs half


def test_a_mart_runs_as_often_as_what_it_reads_was_seen_to_run(project: Project) -> None:
    work = {"orders": Work((past(70.0), past(70.0, days=10)))}  # once in ten days
    (mart,) = estimate(project, ["daily_orders"], work, PRICES)
    assert (mart.runs, mart.runs_assumed) == (3, False)


def test_a_month_adds_up_runs_maintenance_transitions_and_storage(project: Project) -> None:
    estimates = estimate(project, ["orders", "daily_orders"], {}, PRICES)
    month = month_of(estimates, 50_000_000_000, PRICES)
    assert month.runs == 60
    assert month.jobs == pytest.approx(60 * 360 * 0.0001)  # 3 minutes of 2 DPUs each
    assert month.maintain == pytest.approx(2 * 4.3 * 360 * 0.00005)  # weekly, flex
    assert month.transitions == pytest.approx(60 * 20 / 1000 * 0.025)
    assert month.storage == pytest.approx(1.0)  # 50 GB at 0.02
    assert month.total == pytest.approx(2.16 + 0.1548 + 0.03 + 1.0)
