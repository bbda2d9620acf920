"""docs/SCALE.md: what is worked out follows from the measured slopes that it names and from the list prices."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headgate.contract.model import Job
from headgate.cost.bill import dpu_seconds, run_usd
from headgate.cost.estimate import MAINTAIN, TRANSITIONS
from headgate.cost.model import CPU_SECONDS_PER_MB, START_SECONDS, modelled_seconds
from headgate.cost.prices import read_prices

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/SCALE.md").read_text(encoding="utf-8")
PRICES = read_prices()
TB, MONTH = 10**12, 30
MANY, DATASETS = 5_000_000, 10_000


def measured(pattern: str) -> float:
    """A figure of the table of what was measured."""
    found = re.search(pattern, PAGE)
    assert found, pattern
    return float(found[1].replace(",", ""))


LISTING = measured(r"(\d+) µs of CPU per object") / 1e6
MEMORY = measured(r"([\d,]+) bytes of the driver's memory")
LEDGER = measured(r"\| (\d+) bytes per object")
CONTRACT = measured(r"\| ([\d.]+) ms per contract") / 1e3
MANIFEST = measured(r"(\d+) bytes per data file")
SNAPSHOT = measured(r"([\d,]+) bytes per snapshot")


def load(size: float, job: Job) -> tuple[float, float]:
    """The seconds and the cost of reading this many bytes."""
    seconds = modelled_seconds(round(size), job, PRICES)
    return seconds, run_usd(job, seconds, PRICES)


def test_the_slopes_of_refine_are_those_of_the_estimate() -> None:
    assert f"{CPU_SECONDS_PER_MB:.2f} CPU seconds per MB" in PAGE
    assert f"{START_SECONDS:.0f} CPU seconds |" in PAGE


def test_one_tb_a_day() -> None:
    hundred, twenty = Job(workers=100), Job(workers=20)
    seconds, usd = load(TB, hundred)
    flex = run_usd(Job(workers=100, execution="flex"), seconds, PRICES)
    assert f"{seconds / 60:.0f} minutes, {dpu_seconds(hundred, seconds, PRICES):,.0f} DPU-seconds" in PAGE
    assert f"{usd:.2f} USD a day, {MONTH * usd:.0f} USD a month; with `flex` (0.29) {MONTH * flex:.0f} USD" in PAGE
    seconds, usd = load(TB, twenty)
    assert f"{seconds / 60:.0f} minutes, {usd:.2f} USD: fewer" in PAGE
    assert f"90 TB: {90_000 * PRICES.usd['s3_gb_month']:,.0f} USD a month" in PAGE


def test_five_million_objects() -> None:
    assert f"{MANY * MEMORY / 1e9:.1f} GB of memory" in PAGE
    assert f"{MANY * LISTING:.0f} s of CPU and 5,000 requests" in _one_line(PAGE)
    assert f"whole ledger has {MANY * LEDGER / 1e9:.1f} GB" in _one_line(PAGE)
    assert f"({MANY / 1000 / 1000 * PRICES.usd['s3_put_thousand']:.2f} USD)" in PAGE


@pytest.mark.parametrize("size", [128, 10, 1])
def test_objects_of_a_size(size: int) -> None:
    a_day = TB / (size * 1e6)
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {size} MB |"))
    assert f"| {a_day:,.0f} | {MANY / a_day:.0f} days |" in row


def test_ten_thousand_datasets() -> None:
    runs, usd = DATASETS * MONTH, PRICES.usd
    start = DATASETS * (CONTRACT + 0.02)
    of_start = run_usd(Job(), start, PRICES)
    assert f"| {runs * run_usd(Job(), 0, PRICES):,.0f} USD |" in PAGE
    assert f"{dpu_seconds(Job(), start, PRICES):.0f} DPU-seconds or {of_start:.4f} USD" in PAGE
    requests = runs * DATASETS / 1000 * usd["s3_get_thousand"]
    assert f"| {runs * of_start:,.0f} USD, and {requests:,.0f} USD for its requests |" in PAGE
    assert f"| {4.3 * DATASETS * run_usd(MAINTAIN, 180, PRICES):,.0f} USD |" in PAGE
    assert f"| {runs * TRANSITIONS / 1000 * usd['transitions_thousand']:.0f} USD |" in PAGE
    tick = (usd["scheduler_million"] + usd["express_million"] + usd["sqs_million"]) / 1e6
    tick += 0.1 * usd["express_gb_second"] / 16
    assert f"| {MONTH * 24 * 12 * DATASETS * tick:.0f} USD |" in PAGE
    route = usd["express_million"] / 1e6 + 0.1 * usd["express_gb_second"] / 16
    assert f"{runs:,} objects, each routed to its queue in 100 ms (a) | {runs * route:.2f} USD |" in PAGE
    resources = 3800 / 300 * DATASETS
    assert f"are {round(resources):,} in one state" in PAGE
    assert f"{resources / 3800 * 38 / 60:.0f} minutes of computing alone" in PAGE


def test_a_table_of_100_tb() -> None:
    usd = PRICES.usd
    assert f"| {100_000 * usd['s3_gb_month']:,.0f} USD a month |" in PAGE
    assert f"37 TB: {37_000 * usd['s3_gb_month']:.0f} USD a month more" in PAGE
    assert f"| {100 * usd['athena_tb']:.0f} USD;" in PAGE
    for worker in ("G.1X", "G.8X"):
        seconds, cost = load(100 * TB, Job(worker=worker, workers=100))  # type: ignore[arg-type]
        hours = f"{seconds / 3600:.1f}".removesuffix(".0")
        assert re.search(rf"workers of {worker} \| ({hours}|{seconds / 3600:.0f}) hours, {cost:.0f} USD", PAGE)
    large, small = 100 * TB / 512e6, 100 * TB / 8e6
    assert f"| {large:,.0f}: {large * MANIFEST / 1e6:.0f} MB of manifests |" in PAGE
    assert f"| {small / 1e6:.1f} million: {small * MANIFEST / 1e9:.2f} GB of manifests" in PAGE
    snapshots = 7 * 24 * 12
    assert f"| {snapshots:,} snapshots: {snapshots * SNAPSHOT / 1e6:.1f} MB" in PAGE
    raw = 100 * TB / 128e6
    figures = f"{raw * LEDGER / 1e6:.0f} MB, {raw * MEMORY / 1e9:.1f} GB of memory, {raw * LISTING:.0f} s to list"
    assert f"{raw:,.0f} objects: {figures}" in PAGE


def _one_line(text: str) -> str:
    return " ".join(text.split())
