"""docs/VERIFY.md describes the probes as the code defines them."""

from __future__ import annotations

import re

import needs
from headgate.cost.prices import read_prices
from headgate.verify.estimate import estimate, further_costs
from headgate.verify.probed_lake import ProbedLake
from headgate.verify.probes import PROBES

PAGE = (needs.ROOT / "docs/VERIFY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE)


def test_the_page_names_every_probe_in_order_with_its_claim_and_what_it_sends() -> None:
    documented = [(name, claim, sent) for name, claim, sent, *_ in ROWS]
    assert documented == [(probe.name, probe.claim, probe.sent) for probe in PROBES.values()]


def test_the_page_shows_for_every_probe_whether_it_has_run_on_an_account() -> None:
    runs = [row[-1] for row in ROWS]
    assert len(runs) == len(PROBES)
    assert [run for run in runs if not re.fullmatch(r"none yet|20\d\d-\d\d-\d\d.*", run)] == []


def test_the_page_has_the_cost_of_all_probes_and_of_each(lake: ProbedLake) -> None:
    prices = read_prices()
    assert str(estimate(lake.jobs, list(PROBES), prices)) in PAGE
    documented = {name: float(usd) for name, *_, usd, _ in ROWS}
    assert documented == {name: round(usd, 2) for name, usd in further_costs(lake.jobs, list(PROBES), prices)}
