"""What makes an existing table follow its contract, or why a person must: no statement here drops or rewrites data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headgate.contract.model import Contract
from headgate.warehouse.columns import WarehouseColumn, warehouse_columns
from headgate.warehouse.ddl import comment_on
from headgate.warehouse.names import Warehouse, quoted, text

_VARCHAR = re.compile(r"VARCHAR\((\d+)\)")


@dataclass(frozen=True)
class ByHand:
    """A difference that none of our statements removes: what it is, and the statements that a person may run."""

    problem: str
    statements: str


@dataclass(frozen=True)
class Migration:
    """Statements in order, each in a transaction of its own, and what is left to a person."""

    statements: tuple[str, ...]
    by_hand: tuple[ByHand, ...]


def columns_query(dataset: str, warehouse: Warehouse) -> str:
    """The columns that a table has: name, type, and width or precision and scale, in order."""
    return (
        "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale "
        "FROM information_schema.columns "
        f"WHERE table_schema = {text(warehouse.schema)} AND table_name = {text(dataset)} ORDER BY ordinal_position"
    )


def stored_type(name: str, width: int | None, precision: int | None, scale: int | None) -> str:
    """A type as the DDL spells it, from what the catalog says of a column."""
    kind = name.lower()
    plain = {
        "timestamp with time zone": "TIMESTAMPTZ",
        "timestamp without time zone": "TIMESTAMP",
        "jsonb": "SUPER",  # as the rehearsal stores it
    }
    if kind == "character varying":
        return f"VARCHAR({width})"
    if kind == "numeric":
        return f"DECIMAL({precision},{scale})"
    return plain.get(kind, kind.upper())


def migration(contract: Contract, stored: Mapping[str, str], warehouse: Warehouse) -> Migration:
    """The way from the table's columns (name to type) to the contract's.

    ADD COLUMN and a wider VARCHAR are statements. A column that the contract has lost, another type, and a column that
    would have to have a value in rows that exist are left to a person, with what to run.
    """
    table, wanted = warehouse.table(contract.dataset), {c.name: c for c in warehouse_columns(contract)}
    statements, by_hand = list[str](), list[ByHand]()
    for name, column in wanted.items():
        if name not in stored and column.required:
            by_hand.append(_new_table(f"`{name}` is new and part of the key", contract, table))
        elif name not in stored:
            statements.append(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {column.type}")
            statements += [comment_on(column, table)] if column.meaning else []
        elif stored[name] != column.type and _wider(stored[name], column.type) and name not in contract.key:
            statements.append(f"ALTER TABLE {table} ALTER COLUMN {quoted(name)} TYPE {column.type}")
        elif stored[name] != column.type and not _narrower(stored[name], column.type):
            by_hand.append(_other_type(column, stored[name], contract, table))
    for name in stored:
        if name not in wanted:
            drop = f"ALTER TABLE {table} DROP COLUMN {quoted(name)};"
            by_hand.append(ByHand(f"`{name}` is not in the contract any more; its values would be lost", drop))
    return Migration(tuple(statements), tuple(by_hand))


def _widths(stored: str, wanted: str) -> tuple[int, int] | None:
    before, after = _VARCHAR.fullmatch(stored), _VARCHAR.fullmatch(wanted)
    return (int(before[1]), int(after[1])) if before and after else None


def _wider(stored: str, wanted: str) -> bool:
    widths = _widths(stored, wanted)
    return widths is not None and widths[0] < widths[1]


def _narrower(stored: str, wanted: str) -> bool:
    """A wider text than the contract needs does no harm."""
    widths = _widths(stored, wanted)
    return widths is not None and widths[0] > widths[1]


def _other_type(column: WarehouseColumn, stored: str, contract: Contract, table: str) -> ByHand:
    return _new_table(f"`{column.name}` is {stored}, and the contract needs {column.type}", contract, table)


def _new_table(problem: str, contract: Contract, table: str) -> ByHand:
    old = quoted(f"{contract.dataset}_before")
    statements = (
        f"ALTER TABLE {table} RENAME TO {old};\n"
        f"-- then: headgate warehouse ddl {contract.dataset} --apply, headgate run {contract.dataset} --full, "
        f"headgate warehouse load {contract.dataset}; drop {old} when nobody needs it."
    )
    return ByHand(problem, statements)
