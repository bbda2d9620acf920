"""The estimate that a run's report carries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from lakes import MONDAY, PRICES, write_contracts

from headgate.cost.of_run import estimates_of
from headgate.lake.address import lake_at
from headgate.outcome import Outcome
from headgate.project import load_project
from headgate.run import Result


def outcome(name: str, **seconds: float) -> Outcome:
    return Outcome(name, "dataset", "published", seconds=seconds)


@pytest.mark.parametrize(
    ("host", "names", "seconds", "dpu_seconds", "usd"),
    [
        ("laptop", ["orders"], 50.5, 240, 0.024),  # 4 workers, a minute is billed
        ("glue", ["orders"], 90.0, 360, 0.036),  # the whole run
        ("glue", ["orders", "visits"], 50.5, 240, 0.024),  # two datasets share a run
    ],
)
def test_a_run_is_priced_on_the_declared_workers(
    tmp_path: Path, host: str, names: list[str], seconds: float, dpu_seconds: float, usd: float
) -> None:
    folder = write_contracts(tmp_path, {"orders": "job: {workers: 4}", "visits": ""})
    contracts = load_project(folder, lake_at(str(tmp_path / "lake"))).contracts
    outcomes = {name: outcome(name, read=40.5, publish=10.0) for name in names}
    result = Result("r", MONDAY, MONDAY + timedelta(seconds=90), outcomes)
    of_orders = estimates_of(result, contracts, host, PRICES)["orders"]  # type: ignore[arg-type]
    assert (of_orders.seconds, of_orders.dpu_seconds, of_orders.usd) == (seconds, dpu_seconds, usd)
    assert (of_orders.workers, of_orders.billed_seconds) == (4, max(60, seconds))
    assert (of_orders.prices_as_of, of_orders.prices_region) == ("2026", "nowhere-1")


def test_a_dataset_that_was_skipped_has_none(tmp_path: Path) -> None:
    folder = write_contracts(tmp_path, {"orders": ""})
    contracts = load_project(folder, lake_at(str(tmp_path / "lake"))).contracts
    result = Result("r", MONDAY, MONDAY, {"orders": outcome("orders")})
    assert estimates_of(result, contracts, "laptop", PRICES) == {}
