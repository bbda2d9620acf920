"""docs/COSTS.md, written from the contracts and terraform/prices.yaml: `make written`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from headgate.contract.model import Contract
from headgate.deploy.cost import ASSUMED_MINUTES, PRICES, Cost, Prices, costs, project_at, read_prices

_PAGES = "https://aws.amazon.com"
_HEADING = """# What runs cost

Written by `make written` from the contracts and [terraform/prices.yaml](../terraform/prices.yaml), never edited by
hand. What saves money is another page: [COST_OPTIMIZATION.md](COST_OPTIMIZATION.md).

**Computed, not billed**: list prices of {region} as known in {as_of}, not looked
up since, no run on an account has been measured. Assumed are
{minutes} minutes a run, all workers busy, and one delivery a day for each dataset on arrival; a mart on arrival is
built after each run of each dataset below it. `terraform output idle_cost` says what a dataset costs while nothing
arrives.

| Dataset | Job | USD a minute | a run of {minutes} min | at its timeout | runs a month | USD a month |
| --- | --- | --: | --: | --: | --: | --: |
"""


def document(root: Path) -> str:
    """The whole page as Markdown, for the contracts of a repository."""
    prices, project = read_prices(root / PRICES), project_at(root)
    found = costs(project, prices)
    heading = _HEADING.format(region=prices.region, as_of=prices.as_of, minutes=ASSUMED_MINUTES)
    return heading + "\n".join([*_rows(found, project.contracts), _sum(found), "", *_prices(prices)]) + "\n"


def _rows(found: Mapping[str, Cost], contracts: Mapping[str, Contract]) -> Iterator[str]:
    for name, cost in found.items():
        job = contracts[name].job
        size = f"{job.workers} of {job.worker}, {job.execution}, {job.timeout_min} min"
        yield (
            f"| `{name}` | {size} | {cost.per_minute:.4f} | {cost.run:.3f} | {cost.timeout:.2f} "
            f"| {cost.runs:g} | {cost.month:.2f} |"
        )


def _sum(found: Mapping[str, Cost]) -> str:
    month = sum(cost.month for cost in found.values())
    return f"| together | | | | | {sum(cost.runs for cost in found.values()):g} | {month:.2f} |"


def _prices(prices: Prices) -> Iterator[str]:
    yield "## Prices\n\n| USD | per | AWS's page |\n| --: | --- | --- |"
    for name, usd in prices.usd.items():
        page = f"[{prices.source[name]}]({_PAGES}/{prices.source[name]}/pricing/)"
        yield f"| {usd:.8f}".rstrip("0").rstrip(".") + f" | {prices.per[name]} | {page} |"
