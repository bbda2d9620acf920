"""The entity-relationship diagram of the warehouse, in Mermaid.

Grammar: mermaid.js.org/syntax/entityRelationshipDiagram.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from headgate.contract.model import Contract
from headgate.warehouse.columns import warehouse_columns
from headgate.warehouse.layout import served


def diagram(contracts: Mapping[str, Contract]) -> str:
    """Every table with its columns (PK and FK marked), and a line for each reference."""
    tables = served(contracts)
    lines = ["erDiagram"]
    for name, contract in tables.items():
        lines += [f"    {name} {{", *_columns(contract), "    }"]
    for name, contract in tables.items():
        for reference in contract.references:
            if reference.to in tables:
                optional = any(not _has_value(contract, column) for column in reference.columns)
                lines.append(
                    f'    {reference.to} {"|o" if optional else "||"}--o{{ {name} : "{", ".join(reference.columns)}"'
                )
    return "\n".join(lines) + "\n"


def _columns(contract: Contract) -> Iterator[str]:
    referring = {column for reference in contract.references for column in reference.columns}
    for column in warehouse_columns(contract):
        marks = [mark for mark, there in (("PK", contract.key), ("FK", referring)) if column.name in there]
        kind = re.sub(r"\W+", "_", column.type).strip("_")
        yield f"        {kind} {column.name}{' ' + ', '.join(marks) if marks else ''}"


def _has_value(contract: Contract, name: str) -> bool:
    column = contract.column(name)
    return name in contract.key or (column.required and column.otherwise != "warn")
