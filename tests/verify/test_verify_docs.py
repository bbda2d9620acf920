"""The page says of the probes what the code does."""

from __future__ import annotations

import re

import pytest

import needs
from headgate.deploy.cost import PRICES, read_prices
from headgate.verify.estimate import estimate
from headgate.verify.probed_lake import Scene
from headgate.verify.probes import PROBES

PAGE = (needs.ROOT / "docs/VERIFY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE)


def test_the_page_names_every_probe_in_order_with_its_claim_and_what_it_sends() -> None:
    told = [(name, claim, sent) for name, claim, sent, *_ in ROWS]
    assert told == [(one.name, one.claim, one.sent) for one in PROBES.values()]


def test_the_page_says_of_every_probe_whether_it_has_run_on_an_account() -> None:
    said = [row[-1] for row in ROWS]
    assert len(said) == len(PROBES)
    assert [one for one in said if not re.fullmatch(r"none yet|20\d\d-\d\d-\d\d.*", one)] == []


def test_the_page_says_what_all_of_it_costs(scene: Scene) -> None:
    prices = read_prices(needs.ROOT / PRICES)
    assert str(estimate(scene.target, list(PROBES), prices)) in PAGE
    first = estimate(scene.target, ["console-run"], prices).expected
    for name, *_, usd, _ in ROWS:
        if name in ("wheels", "keys-and-logs"):
            assert usd == "0"
            continue
        more = 0.0 if name == "console-run" else first
        run = estimate(scene.target, [name], prices).expected - more
        assert float(usd) == pytest.approx(run, abs=0.015), name
