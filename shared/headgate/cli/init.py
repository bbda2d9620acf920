"""`headgate init`: the folders a project of one's own begins with, and one small example that runs."""

from __future__ import annotations

from pathlib import Path

from headgate.contract.json_schema import FILE, schema_text

_EXAMPLE = """\
# yaml-language-server: $schema=../contract.schema.json
dataset: orders
domain: shop
owner: you@example.org
description: One row per order line; the newest delivery of a line wins.
source: {format: csv}
columns:
  - {name: order_id, type: string, required: true}
  - {name: line, type: int, required: true, minimum: 1}
  - {name: ordered_on, type: date, formats: ["yyyy-MM-dd", "dd/MM/yyyy"]}
  - {name: amount, type: "decimal(12,2)", required: true, minimum: 0}
key: [order_id, line]
at_most: 0.5    # this example has one bad row in four
"""

_ROWS = """\
order_id,line,ordered_on,amount
a,1,2026-01-02,10.00
a,2,02/01/2026,4.50
b,1,2026-01-03,7.25
c,x,yesterday,-1
"""


def begin(folder: Path, *, empty: bool) -> list[str]:
    """Make the folders and the schema (and the example), touching nothing that is there; returns what to tell."""
    made: list[str] = []
    _put(folder / "contracts" / FILE, schema_text(), made)
    for name in ("sql/marts", "staging"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if empty:
        return [*made, "Next: write contracts/<domain>/<dataset>.yaml (docs/CONTRACTS.md), then `headgate check`."]
    _put(folder / "contracts" / "shop" / "orders.yaml", _EXAMPLE, made)
    _put(folder / "staging" / "orders" / "orders.csv", _ROWS, made)
    return [
        *made,
        'Next: `headgate run`, then `headgate query "SELECT * FROM orders"` and `headgate quarantine orders`.',
    ]


def _put(file: Path, text: str, made: list[str]) -> None:
    if file.exists():
        made.append(f"kept {file}")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    made.append(f"made {file}")
