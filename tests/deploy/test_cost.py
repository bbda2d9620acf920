"""What runs cost: compared with figures computed by hand; prices are defined in one place only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from headgate.contract.model import Job
from headgate.deploy.cost import PRICES, Prices, costs, project_at, read_prices, run_cost, runs_a_month
from headgate.deploy.cost_document import document

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/COST_OPTIMIZATION.md").read_text(encoding="utf-8")
CONTRACT = """\
dataset: {name}
domain: shop
owner: shop@example.org
description: One row per order.
{more}
columns:
  - {{name: order_id, type: string}}
"""


@pytest.fixture(scope="module")
def prices() -> Prices:
    return read_prices(ROOT / PRICES)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two datasets, a mart over both, and a mart over that mart with its own schedule."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "sql/marts").mkdir(parents=True)
    (tmp_path / "terraform").mkdir()
    (tmp_path / PRICES).write_text((ROOT / PRICES).read_text())
    for name, more in {
        "orders": "job: {worker: G.2X, workers: 4, execution: flex, timeout_min: 60}",
        "visits": "schedule: {refine: weekly}",
        "both": "source: {query: marts/both.sql}",
        "of_both": "source: {query: marts/of_both.sql}\nschedule: {refine: daily 04:00 UTC}",
    }.items():
        (tmp_path / f"contracts/{name}.yaml").write_text(CONTRACT.format(name=name, more=more))
    (tmp_path / "sql/marts/both.sql").write_text("SELECT order_id FROM orders JOIN visits USING (order_id)")
    (tmp_path / "sql/marts/of_both.sql").write_text("SELECT order_id FROM both")
    return tmp_path


@pytest.mark.parametrize(
    ("job", "minutes", "usd"),
    [
        (Job(), 3, 0.044),  # 2 workers x 1 DPU x 0.44 USD x 3/60 h
        (Job(), 0.2, 2 * 0.44 / 60),  # a minute is billed at least
        (Job(worker="G.2X", workers=4, execution="flex"), 60, 2.32),  # 4 x 2 DPU x 0.29 USD x 1 h
        (Job(worker="G.8X", workers=10), 30, 17.60),  # 10 x 8 DPU x 0.44 USD x 0.5 h
    ],
)
def test_a_run_costs_what_was_computed_by_hand(prices: Prices, job: Job, minutes: float, usd: float) -> None:
    assert run_cost(job, minutes, prices) == pytest.approx(usd)


def test_a_mart_is_built_after_every_run_of_every_dataset_below_it(repository: Path) -> None:
    project = project_at(repository)
    runs = {name: runs_a_month(project, name) for name in project.contracts}
    assert runs == {"orders": 30, "visits": 4.3, "both": pytest.approx(34.3), "of_both": 30}


def test_a_month_costs_the_sum_of_its_runs(repository: Path, prices: Prices) -> None:
    orders = costs(project_at(repository), prices)["orders"]
    assert (orders.run, orders.timeout, orders.month) == (
        pytest.approx(0.116),
        pytest.approx(2.32),
        pytest.approx(3.48),
    )


def test_the_page_names_every_dataset_every_price_and_the_sum(repository: Path, prices: Prices) -> None:
    page = document(repository)
    assert "| `orders` | 4 of G.2X, flex, 60 min | 0.0387 | 0.116 | 2.32 | 30 | 3.48 |" in page
    # 3.48 + 4.3 x 0.044 + 34.3 x 0.044 + 30 x 0.044
    assert "| total | | | | | 98.6 | 6.50 |" in page
    assert all(text in page for text in prices.per.values())


def test_terraform_reads_its_prices_from_the_same_file() -> None:
    code = re.sub(r"#.*", "", (ROOT / "terraform/prices.tf").read_text())
    assert 'yamldecode(file("${path.module}/prices.yaml"))' in code
    assert set(re.findall(r"_usd\.(\w+)", code)) <= set(yaml.safe_load((ROOT / PRICES).read_text())["usd"])
    assert set(re.findall(r"\d+\.\d+", code)) == {"4.3", "0.1"}  # weeks per month, seconds per poll: no prices


def test_terraform_counts_the_same_runs_per_month() -> None:
    from headgate.deploy.cost import RUNS_A_MONTH

    code = (ROOT / "terraform/prices.tf").read_text()
    assert f'c.refine == "weekly" ? {RUNS_A_MONTH["weekly"]} : {RUNS_A_MONTH["daily"]:g}' in code


def test_the_figures_of_the_page_on_saving_follow_from_the_prices(prices: Prices) -> None:
    usd = prices.usd
    crawl = 10 / 60 * 2 * usd["crawler_dpu_hour"]
    figures = {
        "flex instead of standard": f"{1 - usd['glue_dpu_hour_flex'] / usd['glue_dpu_hour']:.0%}",
        "the smallest run": f"{run_cost(Job(), 1, prices):.3f} USD",
        "a run that hangs until its timeout": f"{run_cost(Job(), 30, prices):.2f} USD",
        "until Glue's own": f"{run_cost(Job(), 2880, prices):.2f} USD",
        "a daily crawl": f"{30 * crawl:.2f} USD",
        "a weekly crawl": f"{4.3 * crawl:.2f} USD",
        "a query at the limit of dev": f"{10 / 1024 * usd['athena_tb']:.2f} USD",
        "a query at the limit of prod": f"{100 / 1024 * usd['athena_tb']:.2f} USD",
        "1 TB of raw files kept hot": f"{1024 * usd['s3_gb_month']:.2f} USD",
        "the same archived": f"{1024 * usd['s3_glacier_ir_gb_month']:.2f} USD",
        "reading it all back": f"{1024 * usd['s3_glacier_ir_gb_read']:.2f} USD",
        "looking every minute": f"{30 * 24 * 60 * usd['scheduler_million'] / 1e6:.3f} USD",
        "looking every five minutes": f"{30 * 24 * 12 * usd['scheduler_million'] / 1e6:.3f} USD",
    }
    assert {what: figure for what, figure in figures.items() if figure not in PAGE} == {}
