"""`headgate init`: create the folders of a new project and one small example that runs."""

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


def start_project(folder: Path, *, empty: bool) -> list[str]:
    """Create the folders, the schema and (unless `empty`) the example, and return the lines to print.

    Existing files are kept as they are.
    """
    lines = [create(folder / "contracts" / FILE, schema_text())]
    for name in ("sql/marts", "staging"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    if empty:
        return [*lines, "Next: write contracts/<domain>/<dataset>.yaml (docs/CONTRACTS.md), then `headgate check`."]
    return [
        *lines,
        create(folder / "contracts" / "shop" / "orders.yaml", _EXAMPLE),
        create(folder / "staging" / "orders" / "orders.csv", _ROWS),
        'Next: `headgate run`, then `headgate query "SELECT * FROM orders"` and `headgate quarantine orders`.',
    ]


def create(file: Path, text: str) -> str:
    """Write a file, unless there is one; the line to print."""
    if file.exists():
        return f"kept {file}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return f"created {file}"
