"""What runs cost: compared with figures computed by hand; prices are defined in one place only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from lakes import CONTRACT

from headgate.contract.model import Job
from headgate.cost.bill import dpu_seconds, run_usd
from headgate.cost.document import document, project_at
from headgate.cost.estimate import MAINTAIN, estimate
from headgate.cost.model import ASSUMED_MINUTES, CPU_SECONDS_PER_MB, START_SECONDS
from headgate.cost.prices import PRICES, Prices, read_prices
from headgate.cost.rhythm import RUNS_A_MONTH, runs_a_month
from headgate.errors import UnusableArgument

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/COST_OPTIMIZATION.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def prices() -> Prices:
    return read_prices()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two datasets, a mart over both, and a mart over that mart with its own schedule."""
    (tmp_path / "contracts").mkdir()
    (tmp_path / "sql/marts").mkdir(parents=True)
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
    assert run_usd(job, minutes * 60, prices) == pytest.approx(usd)


@pytest.mark.parametrize(
    ("job", "seconds", "expected"),
    [
        (Job(), 12.5, 120),  # 2 x 1 DPU x 60 s: a minute at least
        (Job(), 60.5, 121),  # 2 x 1 DPU x 60.5 s: by the second after that
        (Job(worker="G.4X", workers=3), 100, 1200),  # 3 x 4 DPU x 100 s
    ],
)
def test_dpu_seconds_are_counted_by_the_second_and_a_minute_at_least(
    prices: Prices, job: Job, seconds: float, expected: float
) -> None:
    assert dpu_seconds(job, seconds, prices) == expected


def test_a_mart_is_built_after_every_run_of_every_dataset_below_it(repository: Path) -> None:
    project = project_at(repository)
    runs = {name: runs_a_month(project, name) for name in project.contracts}
    assert runs == {"orders": 30, "visits": 4.3, "both": pytest.approx(34.3), "of_both": 30}


def test_a_month_costs_the_sum_of_its_runs(repository: Path, prices: Prices) -> None:
    (orders,) = estimate(project_at(repository), ["orders"], {}, prices)
    assert (orders.usd, orders.month) == (pytest.approx(0.116), pytest.approx(3.48))


def test_the_page_names_every_dataset_every_price_and_the_sum(repository: Path, prices: Prices) -> None:
    page = document(repository)
    assert "| `orders` | 4 of G.2X, flex, 60 min | 0.0387 | 0.116 | 2.32 | 30 | 3.48 |" in page
    # 3.48 + 4.3 x 0.044 + 34.3 x 0.044 + 30 x 0.044
    assert "| total | | | | | 98.6 | 6.50 |" in page
    assert all(text in page for text in prices.per.values())


def test_the_job_that_maintains_tables_has_the_size_that_terraform_gives_it() -> None:
    code = (ROOT / "terraform/modules/jobs/maintain.tf").read_text()
    sizes = {name: value for name, value in re.findall(r'(?m)^  (\w+) += "?([\w.]+)"?', code)}
    assert (sizes["worker_type"], sizes["number_of_workers"]) == (MAINTAIN.worker, str(MAINTAIN.workers))
    assert (sizes["execution_class"], sizes["timeout"]) == (MAINTAIN.execution.upper(), str(MAINTAIN.timeout_min))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file"),
        ("usd: {glue_dpu_hour: 0.44}", "is not as it must be: TypeError"),
        ("as_of: [", "is not as it must be: ParserError"),
        ("as_of: 2025", "is not as it must be: KeyError: 'usd'"),
    ],
)
def test_a_table_of_prices_that_is_broken_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "prices.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UnusableArgument, match=re.escape(message)) as refused:
        read_prices(file)
    assert refused.value.where == str(file)


def test_terraform_reads_its_prices_from_the_same_file() -> None:
    code = re.sub(r"#.*", "", (ROOT / "terraform/prices.tf").read_text())
    assert 'yamldecode(file("${path.module}/prices.yaml"))' in code
    assert (ROOT / "terraform/prices.yaml").resolve() == PRICES.resolve()
    assert set(re.findall(r"_usd\.(\w+)", code)) <= set(yaml.safe_load(PRICES.read_text())["usd"])
    assert set(re.findall(r"\d+\.\d+", code)) == {"4.3", "0.1"}  # weeks per month, seconds per poll: no prices


def test_terraform_counts_the_same_runs_per_month() -> None:
    code = (ROOT / "terraform/prices.tf").read_text()
    assert f'c.refine == "weekly" ? {RUNS_A_MONTH["weekly"]} : {RUNS_A_MONTH["daily"]:g}' in code


def test_the_page_quotes_the_constants_of_the_model() -> None:
    text = " ".join(PAGE.split())
    assert f"{START_SECONDS:.0f} CPU seconds to start, and {CPU_SECONDS_PER_MB:.2f} CPU seconds per MB" in text
    assert f"without raw files, {ASSUMED_MINUTES} minutes" in text.lower()


def test_the_figures_of_the_page_on_saving_follow_from_the_prices(prices: Prices) -> None:
    usd = prices.usd
    crawl = 10 / 60 * 2 * usd["crawler_dpu_hour"]
    figures = {
        "flex instead of standard": f"{1 - usd['glue_dpu_hour_flex'] / usd['glue_dpu_hour']:.0%}",
        "the smallest run": f"{run_usd(Job(), 60, prices):.3f} USD",
        "a run that hangs until its timeout": f"{run_usd(Job(), 30 * 60, prices):.2f} USD",
        "until Glue's own": f"{run_usd(Job(), 2880 * 60, prices):.2f} USD",
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


def test_the_prices_of_the_warehouse_are_those_of_the_table(prices: Prices) -> None:
    usd = prices.usd
    figures = {
        "docs/WAREHOUSE.md": ("secret_month", "redshift_gb_month", "redshift_rpu_hour"),
        "docs/SETUP_GUIDE.md": ("secret_month", "redshift_gb_month", "redshift_rpu_hour"),
    }
    for page, names in figures.items():
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        for name in names:
            shown = f"{usd[name]:.2f} USD" if name == "secret_month" else f"{usd[name]} USD"
            assert shown in text, f"{page} lacks {shown} ({name})"
    assert f"`rpu_hours_a_day` (8: {8 * usd['redshift_rpu_hour']:g} USD)" in (ROOT / "docs/WAREHOUSE.md").read_text()
