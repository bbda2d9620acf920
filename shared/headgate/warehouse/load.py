"""The statements that load one export, in one transaction: COPY into staging tables, delete, insert, record.

Each statement that changes rows asks the table of loads first: an export that is loaded already changes nothing, and
one whose predecessor is missing changes nothing either. COPY of Parquet takes columns by position. TRUNCATE would
commit, so rows are deleted.
"""

from __future__ import annotations

import json

from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.warehouse.columns import WarehouseColumn, warehouse_columns
from headgate.warehouse.exported import Exported
from headgate.warehouse.names import Warehouse, names, quoted, text

MOST_STATEMENTS = 40  # of a batch: docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
MOST_BYTES = 100_000  # of its SQL


def load_statements(contract: Contract, export: Exported, warehouse: Warehouse) -> list[str]:
    """The batch of one export. Raises `RunFailed` for an export whose columns are not the contract's any more."""
    columns = warehouse_columns(contract)
    if export.columns != tuple(column.name for column in columns):
        what = "the export has other columns than the contract"
        remedy = f"Export it again: `headgate run {contract.dataset} --full`."
        raise RunFailed(what, where=f"{export.dataset}, run {export.run}", remedy=remedy)
    table, guard = warehouse.table(contract.dataset), _guard(export, warehouse)
    staged, removed = quoted(f"staged_{contract.dataset}"), quoted(f"removed_{contract.dataset}")
    keys = [column for column in columns if column.name in contract.key]
    statements: list[str] = []
    if export.rows:
        statements += [_staging(staged, columns), _copy(staged, export.rows, warehouse)]
    if export.removed:
        statements += [_staging(removed, keys), _copy(removed, export.removed, warehouse)]
    if export.whole:
        statements.append(f"DELETE FROM {table} WHERE {guard}")
    elif export.removed:
        statements.append(_delete(contract.dataset, warehouse, removed, keys, guard))
    if export.rows and not export.whole and contract.mode == "merge":
        statements.append(_delete(contract.dataset, warehouse, staged, keys, guard))
    if export.rows:
        values = ", ".join(column.value for column in columns)
        into = f"INSERT INTO {table} ({names([column.name for column in columns])})"
        statements.append(f"{into}\nSELECT {values}\nFROM {staged}\nWHERE {guard}")
    statements.append(_record(export, warehouse, guard))
    assert len(statements) <= MOST_STATEMENTS
    return statements


def _staging(name: str, columns: list[WarehouseColumn]) -> str:
    body = ", ".join(f"{quoted(column.name)} {column.staged}" for column in columns)
    return f"CREATE TEMP TABLE {name} ({body})"


def _copy(name: str, manifest: str, warehouse: Warehouse) -> str:
    return f"COPY {name}\nFROM {text(manifest)}\nIAM_ROLE {warehouse.iam_role}\nFORMAT AS PARQUET\nMANIFEST"


def _delete(name: str, warehouse: Warehouse, staged: str, keys: list[WarehouseColumn], guard: str) -> str:
    own = quoted(name)
    same = " AND ".join(f"{own}.{quoted(c.name)} = {_of(staged, c)}" for c in keys)
    return f"DELETE FROM {warehouse.table(name)}\nUSING {staged}\nWHERE {same}\nAND {guard}"


def _of(staged: str, column: WarehouseColumn) -> str:
    name = f"{staged}.{quoted(column.name)}"
    return f"({name} AT TIME ZONE 'UTC')" if column.kind == "timestamp" else name


def _guard(export: Exported, warehouse: Warehouse) -> str:
    """True where this export is the next one to load."""
    of_dataset = f'SELECT 1 FROM {warehouse.loads} WHERE "dataset" = {text(export.dataset)} AND "sequence"'
    fresh = f"NOT EXISTS ({of_dataset} >= {export.sequence})"
    return fresh if export.whole else f"{fresh}\nAND EXISTS ({of_dataset} = {export.sequence - 1})"


def _record(export: Exported, warehouse: Warehouse, guard: str) -> str:
    figures = json.dumps(export.figures, separators=(",", ":"), ensure_ascii=False)
    if len(figures.encode()) > 60_000:
        figures = ""  # of a table with very many columns; export.json has them
    version = "NULL" if export.version is None else text(export.version)
    values = [
        text(export.dataset), str(export.sequence), text(export.run), version, str(export.row_count),
        str(export.removed_count), text(figures), "GETDATE()",
    ]  # fmt: skip
    columns = '"dataset", "sequence", "run", "version", "rows", "removed", "figures", "loaded_at"'
    return f"INSERT INTO {warehouse.loads} ({columns})\nSELECT {', '.join(values)}\nWHERE {guard}"


def loaded_query(dataset: str, warehouse: Warehouse) -> str:
    """The greatest sequence that is loaded of a dataset; NULL before the first load."""
    return f'SELECT MAX("sequence") FROM {warehouse.loads} WHERE "dataset" = {text(dataset)}'
