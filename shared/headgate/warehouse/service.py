"""What `headgate warehouse` does: tables that follow contracts, loads of what is exported, verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from headgate.contract.model import Contract
from headgate.errors import RunFailed, UnusableArgument
from headgate.lake.storage import Storage
from headgate.warehouse.data_api import DataApi
from headgate.warehouse.ddl import schema_statements, table_statements
from headgate.warehouse.exported import Exported, export_of, latest
from headgate.warehouse.layout import served
from headgate.warehouse.load import load_statements, loaded_query
from headgate.warehouse.members import GROUPS
from headgate.warehouse.migration import ByHand, columns_query, migration, stored_type
from headgate.warehouse.names import Warehouse
from headgate.warehouse.verification import Verified, verification_query, verified


@dataclass(frozen=True)
class Tables:
    """Statements by table, in the order in which they run (the empty name: the schema), and what is left to people."""

    statements: Mapping[str, Sequence[str]]
    by_hand: Mapping[str, Sequence[ByHand]]


@dataclass(frozen=True)
class Loaded:
    """The exports of a dataset that one command has loaded, in order; none where all were loaded before."""

    dataset: str
    runs: Sequence[str]
    rows: int
    removed: int


def chosen(contracts: Mapping[str, Contract], order: Sequence[str], names: Sequence[str]) -> list[str]:
    """The warehouse's tables of these names, or all, each after those that it refers to.

    Raises `UnusableArgument` for a name without a table.
    """
    with_table = served(contracts)
    for name in names:
        if name not in with_table:
            remedy = "Its contract needs `serving: {warehouse: true}`. " if name in contracts else ""
            known = f"With a table: {', '.join(with_table) or 'none'}."
            raise UnusableArgument(f"`{name}` has no table in the warehouse", remedy=remedy + known)
    return [name for name in order if name in with_table and (not names or name in names)]


def new_tables(names: Sequence[str], contracts: Mapping[str, Contract], warehouse: Warehouse) -> Tables:
    """The statements for an empty warehouse."""
    statements = {"": schema_statements(warehouse)}
    statements |= {name: table_statements(contracts[name], contracts, warehouse) for name in names}
    return Tables(statements, {})


def missing_tables(
    names: Sequence[str], contracts: Mapping[str, Contract], warehouse: Warehouse, api: DataApi
) -> Tables:
    """The statements that make the warehouse follow the contracts: new tables, new columns, wider texts."""
    groups = frozenset(str(row[0]) for row in api.rows(GROUPS, "groups"))
    statements: dict[str, Sequence[str]] = {"": schema_statements(warehouse, groups=groups)}
    by_hand = dict[str, Sequence[ByHand]]()
    for name in names:
        rows = api.rows(columns_query(name, warehouse), f"columns of {name}")
        stored = {str(row[0]): stored_type(str(row[1]), *map(_number, row[2:5])) for row in rows}
        if not stored:
            statements[name] = table_statements(contracts[name], contracts, warehouse)
            continue
        way = migration(contracts[name], stored, warehouse)
        statements[name], by_hand[name] = way.statements, way.by_hand
    return Tables(statements, {name: left for name, left in by_hand.items() if left})


def apply(tables: Tables, api: DataApi) -> None:
    """Run the statements. Each is a transaction of its own: Redshift widens no text inside a block."""
    for name, statements in tables.statements.items():
        for statement in statements:
            api.batch([statement], f"ddl {name or 'schema'}")


def load(contract: Contract, storage: Storage, warehouse: Warehouse, api: DataApi) -> Loaded:
    """Load every export of a dataset that is not loaded yet, in order, each in one transaction.

    Raises `RunFailed` with Redshift's message; the exports before the failing one stay loaded, and no row of it is.
    """
    newest = latest(storage, contract.dataset)
    if newest is None:
        return Loaded(contract.dataset, (), 0, 0)
    loaded = _loaded(contract, warehouse, api)
    if loaded is not None and loaded > newest.sequence:
        what = f"export {loaded} is loaded, and the lake's newest is {newest.sequence}"
        remedy = "The lake or its exports began again: delete the dataset's rows of `headgate_loads`, and load."
        raise RunFailed(what, where=contract.dataset, remedy=remedy)
    exports = pending(storage, newest, loaded)
    for export in exports:
        api.batch(load_statements(contract, export, warehouse), f"load {contract.dataset} {export.run}")
    if exports and _loaded(contract, warehouse, api) != newest.sequence:
        what = f"run {newest.run} was sent, and the table of loads does not have it"
        remedy = "Another load may have run at the same time: load again."
        raise RunFailed(what, where=contract.dataset, remedy=remedy)
    counts = (sum(export.row_count for export in exports), sum(export.removed_count for export in exports))
    return Loaded(contract.dataset, tuple(export.run for export in exports), *counts)


def pending(storage: Storage, newest: Exported, loaded: int | None) -> list[Exported]:
    """The exports after the loaded one, in order, back to the last whole one. Only these are read: others expire."""
    reached = loaded or 0
    if newest.sequence <= reached:
        return []
    found = [newest]
    while found[-1].sequence > reached + 1 and not found[-1].whole and found[-1].previous is not None:
        found.append(export_of(storage, newest.dataset, found[-1].previous))
    return found[::-1]


def verify(contract: Contract, storage: Storage, warehouse: Warehouse, api: DataApi) -> Verified:
    """Compare a table with the lake's figures of the newest export. Raises `RunFailed` where nothing is exported."""
    newest = latest(storage, contract.dataset)
    if newest is None:
        remedy = f"Publish it first: `headgate run {contract.dataset}`."
        raise RunFailed("nothing was exported for the warehouse yet", where=contract.dataset, remedy=remedy)
    (row,) = api.rows(verification_query(contract, warehouse), f"verify {contract.dataset}")
    return verified(contract, newest, row)


def _loaded(contract: Contract, warehouse: Warehouse, api: DataApi) -> int | None:
    ((value,),) = api.rows(loaded_query(contract.dataset, warehouse), f"loaded {contract.dataset}")
    return None if value is None else int(value)


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)
