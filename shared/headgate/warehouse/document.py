"""docs/MODEL.md: the tables of the warehouse as a diagram and as the statements that make them, from the contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from headgate.contract.model import Contract
from headgate.warehouse.ddl import create_table
from headgate.warehouse.diagram import diagram
from headgate.warehouse.layout import foreign_keys, served
from headgate.warehouse.names import Warehouse

HEAD = """\
# The model of the warehouse

Written by `make written` from the contracts. [WAREHOUSE.md](WAREHOUSE.md) says how the tables are made and loaded.
"""
NONE = "No contract has a table in the warehouse: `serving: {warehouse: true}` asks for one.\n"


def document(contracts: Mapping[str, Contract], order: Sequence[str]) -> str:
    """The page; `order` has every contract after those that it refers to."""
    tables = served(contracts)
    if not tables:
        return f"{HEAD}\n{NONE}"
    parts = [
        HEAD,
        f"```mermaid\n{diagram(contracts)}```\n",
        "## References\n\n| Table | Columns | Refers to | Declared to Redshift |\n| --- | --- | --- | --- |",
        *_references(contracts, order),
        "\n## Statements\n\n`headgate warehouse ddl` prints these, with comments, grants and the table of loads.\n",
        "```sql",
        "\n\n".join(f"{create_table(tables[name], contracts, Warehouse())};" for name in order if name in tables),
        "```\n",
    ]
    return "\n".join(parts)


def _references(contracts: Mapping[str, Contract], order: Sequence[str]) -> Iterator[str]:
    tables = served(contracts)
    for name in order:
        for reference, why_not in foreign_keys(tables[name], contracts) if name in tables else ():
            columns = ", ".join(f"`{column}`" for column in reference.columns)
            declared = "foreign key" if why_not is None else f"no: {why_not}"
            yield f"| `{name}` | {columns} | `{reference.to}` | {declared} |"
