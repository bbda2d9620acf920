"""Contracts, runs and records for the tests of cost, as small as they can be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from headgate.contract.model import Job
from headgate.cost.history import PastRun
from headgate.cost.prices import Prices

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
# Round prices, so that every expected figure can be worked out in one's head: 0.36 USD per DPU-hour, 0.0001 a second.
PRICES = Prices(
    usd={
        "glue_dpu_hour": 0.36,
        "glue_dpu_hour_flex": 0.18,
        "transitions_thousand": 0.025,
        "s3_gb_month": 0.02,
        "athena_tb": 5.0,
    },
    per={},
    source={},
    dpu={"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8},
    least_minutes=1,
    crawler={"minutes_at_least": 10, "dpu": 2},
    as_of="2026",
    region="nowhere-1",
)
CONTRACT = """\
dataset: {name}
domain: shop
owner: shop@example.org
description: One row per order.
{more}
columns:
  - {{name: order_id, type: string}}
"""


def write_contracts(root: Path, contracts: Mapping[str, str]) -> Path:
    """Write contracts, each with these further lines; those with a query get one that reads `orders`."""
    (root / "contracts").mkdir(exist_ok=True)
    (root / "sql/marts").mkdir(parents=True, exist_ok=True)
    for name, more in contracts.items():
        (root / f"contracts/{name}.yaml").write_text(CONTRACT.format(name=name, more=more))
        if "query" in more:
            (root / f"sql/marts/{name}.sql").write_text("SELECT order_id FROM orders")
    return root / "contracts"


def past(
    seconds: float, host: Any = "glue", job: Job | None = None, days: float = 0, size: int | None = None
) -> PastRun:
    """A run of these seconds, some days before Monday."""
    return PastRun("r", MONDAY - timedelta(days=days), host, seconds, 10, size, job)


def write_record(lake: Path, run: str, datasets: Mapping[str, Any], **more: Any) -> Path:
    """Write a run's record with the keys that an estimate reads."""
    file = lake / "runs" / run / "run.json"
    file.parent.mkdir(parents=True)
    whole = {"format": 2, "run_id": run, "started": MONDAY.isoformat(), "seconds": 100.0, "host": "laptop"}
    file.write_text(json.dumps({**whole, "datasets": dict(datasets), **more}))
    return file


def ran(*seconds: float, status: str = "published", **more: Any) -> dict[str, Any]:
    """A dataset in a record, with the seconds of its steps."""
    steps = {f"step{number}": spent for number, spent in enumerate(seconds)}
    return {"status": status, "seconds": steps, "read": 10, "objects": {"bytes": 2_000_000}, **more}
