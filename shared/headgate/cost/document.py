"""Write docs/COSTS.md from the contracts and the table of prices (`make written`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from headgate.cost.bill import run_usd
from headgate.cost.estimate import Estimate, estimate
from headgate.cost.model import ASSUMED_MINUTES
from headgate.cost.prices import Prices, read_prices
from headgate.lake.paths import Lake
from headgate.lake.storage import LocalStorage
from headgate.project import Project, load_project

_PAGES = "https://aws.amazon.com"
_HEADING = """# What runs cost

`make written` writes this page from the contracts and [prices.yaml](../shared/headgate/cost/prices.yaml). Do not edit
it by hand. How to spend less is on another page: [COST_OPTIMIZATION.md](COST_OPTIMIZATION.md).

**Computed, not billed**: these are list prices of {region} as known in {as_of}. They have not been checked since, and
no run on an account has been measured. The page assumes {minutes} minutes per run with all workers busy, and one
delivery a day for each dataset on arrival. A mart on arrival is built after each run of each dataset below it.
`headgate estimate` uses the seconds of your own runs instead, and compares a change of a contract with its last commit
([how](COST_OPTIMIZATION.md#headgate-estimate)). `make output ONLY=idle_cost ENV=…` shows what a dataset costs
while nothing arrives.

| Dataset | Job | USD per minute | per run of {minutes} min | at its timeout | runs per month | USD per month |
| --- | --- | --: | --: | --: | --: | --: |
"""


def document(root: Path) -> str:
    """Return the whole page as Markdown, for the contracts of a repository."""
    prices, project = read_prices(), project_at(root)
    estimates = estimate(project, project.run_order, {}, prices)
    heading = _HEADING.format(region=prices.region, as_of=prices.as_of, minutes=ASSUMED_MINUTES)
    lines = [*(_row(each, prices) for each in estimates), _total(estimates), "", *_prices(prices)]
    return heading + "\n".join(lines) + "\n"


def project_at(root: Path) -> Project:
    """Load the contracts of a repository."""
    return load_project(root / "contracts", Lake(LocalStorage(root / "lake")))


def _row(each: Estimate, prices: Prices) -> str:
    job = each.job
    size = f"{job.workers} of {job.worker}, {job.execution}, {job.timeout_min} min"
    minute, timeout = run_usd(job, 60, prices), run_usd(job, job.timeout_min * 60, prices)
    return (
        f"| `{each.dataset}` | {size} | {minute:.4f} | {each.usd:.3f} | {timeout:.2f} "
        f"| {each.runs:g} | {each.month:.2f} |"
    )


def _total(estimates: Sequence[Estimate]) -> str:
    runs, month = sum(each.runs for each in estimates), sum(each.month for each in estimates)
    return f"| total | | | | | {runs:g} | {month:.2f} |"


def _prices(prices: Prices) -> Iterator[str]:
    yield "## Prices\n\n| USD | per | AWS's page |\n| --: | --- | --- |"
    for name, usd in prices.usd.items():
        page = f"[{prices.source[name]}]({_PAGES}/{prices.source[name]}/pricing/)"
        yield f"| {usd:.8f}".rstrip("0").rstrip(".") + f" | {prices.per[name]} | {page} |"
