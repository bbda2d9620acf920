"""Write docs/COSTS.md from the contracts and terraform/prices.yaml (`make written`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from headgate.contract.model import Contract
from headgate.deploy.cost import ASSUMED_MINUTES, PRICES, Cost, Prices, costs, project_at, read_prices

_PAGES = "https://aws.amazon.com"
_HEADING = """# What runs cost

`make written` writes this page from the contracts and [terraform/prices.yaml](../terraform/prices.yaml); do not edit it
by hand. How to spend less is on another page: [COST_OPTIMIZATION.md](COST_OPTIMIZATION.md).

**Computed, not billed**: these are list prices of {region} as known in {as_of}. They have not been checked since, and
no run on an account has been measured. The page assumes {minutes} minutes per run with all workers busy, and one
delivery a day for each dataset on arrival. A mart on arrival is built after each run of each dataset below it.
`terraform output idle_cost` shows what a dataset costs while nothing arrives.

| Dataset | Job | USD per minute | per run of {minutes} min | at its timeout | runs per month | USD per month |
| --- | --- | --: | --: | --: | --: | --: |
"""


def document(root: Path) -> str:
    """Return the whole page as Markdown, for the contracts of a repository."""
    prices, project = read_prices(root / PRICES), project_at(root)
    by_dataset = costs(project, prices)
    heading = _HEADING.format(region=prices.region, as_of=prices.as_of, minutes=ASSUMED_MINUTES)
    lines = [*_rows(by_dataset, project.contracts), _total(by_dataset), "", *_prices(prices)]
    return heading + "\n".join(lines) + "\n"


def _rows(by_dataset: Mapping[str, Cost], contracts: Mapping[str, Contract]) -> Iterator[str]:
    for name, cost in by_dataset.items():
        job = contracts[name].job
        size = f"{job.workers} of {job.worker}, {job.execution}, {job.timeout_min} min"
        yield (
            f"| `{name}` | {size} | {cost.per_minute:.4f} | {cost.run:.3f} | {cost.timeout:.2f} "
            f"| {cost.runs:g} | {cost.month:.2f} |"
        )


def _total(by_dataset: Mapping[str, Cost]) -> str:
    month = sum(cost.month for cost in by_dataset.values())
    return f"| total | | | | | {sum(cost.runs for cost in by_dataset.values()):g} | {month:.2f} |"


def _prices(prices: Prices) -> Iterator[str]:
    yield "## Prices\n\n| USD | per | AWS's page |\n| --: | --- | --- |"
    for name, usd in prices.usd.items():
        page = f"[{prices.source[name]}]({_PAGES}/{prices.source[name]}/pricing/)"
        yield f"| {usd:.8f}".rstrip("0").rstrip(".") + f" | {prices.per[name]} | {page} |"
