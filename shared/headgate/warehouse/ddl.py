"""The statements that make a table: CREATE, comments and grants. Every statement can be run again.

Grammar: docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from headgate.contract.model import Contract
from headgate.warehouse.columns import WarehouseColumn, warehouse_columns
from headgate.warehouse.layout import distribution, foreign_keys, has_primary_key, sorting
from headgate.warehouse.names import Warehouse, names, quoted, text

_COMMENT = 500  # characters of a comment


def schema_statements(warehouse: Warehouse, *, groups: frozenset[str] = frozenset()) -> list[str]:
    """The schema, the groups of readers and loaders but for the `groups` that exist, and the table of loads.

    A row of the table of loads is one export that was loaded: its place in the dataset's sequence of exports, the
    lake's version, and what was loaded. CREATE GROUP has no IF NOT EXISTS.
    """
    both = (warehouse.readers, warehouse.loaders)
    return [
        f"CREATE SCHEMA IF NOT EXISTS {quoted(warehouse.schema)}",
        *(f"CREATE GROUP {quoted(group)}" for group in both if group not in groups),
        *(f"GRANT USAGE ON SCHEMA {quoted(warehouse.schema)} TO GROUP {quoted(group)}" for group in both),
        f"""CREATE TABLE IF NOT EXISTS {warehouse.loads} (
  "dataset" VARCHAR(40) NOT NULL,
  "sequence" BIGINT NOT NULL,
  "run" VARCHAR(128) NOT NULL,
  "version" VARCHAR(128),
  "rows" BIGINT NOT NULL,
  "removed" BIGINT NOT NULL,
  "figures" VARCHAR(65535),
  "loaded_at" TIMESTAMP NOT NULL,
  PRIMARY KEY ("dataset", "sequence")
)
DISTSTYLE ALL
COMPOUND SORTKEY ("dataset", "sequence")""",
        *_grants(warehouse.loads, warehouse),
    ]


def live_schema(warehouse: Warehouse, database: str) -> str:
    """The external schema over the Glue catalog's database: its tables are read from the lake, without a load."""
    return (
        f"CREATE EXTERNAL SCHEMA IF NOT EXISTS {quoted(warehouse.live)}\n"
        f"FROM DATA CATALOG DATABASE {text(database)}\nIAM_ROLE {warehouse.iam_role}"
    )


def table_statements(contract: Contract, contracts: Mapping[str, Contract], warehouse: Warehouse) -> list[str]:
    """CREATE TABLE with the reasons of its layout, comments of table and columns, and grants to readers and loaders."""
    table = warehouse.table(contract.dataset)
    return [
        create_table(contract, contracts, warehouse),
        f"COMMENT ON TABLE {table} IS {text(contract.description[:_COMMENT])}",
        *(comment_on(column, table) for column in warehouse_columns(contract) if column.meaning),
        *_grants(table, warehouse),
    ]


def _grants(table: str, warehouse: Warehouse) -> list[str]:
    return [
        f"GRANT SELECT ON {table} TO GROUP {quoted(warehouse.readers)}",
        f"GRANT SELECT, INSERT, DELETE ON {table} TO GROUP {quoted(warehouse.loaders)}",
    ]


def comment_on(column: WarehouseColumn, table: str) -> str:
    """The statement that comments a column."""
    return f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS {text(column.meaning[:_COMMENT])}"


def create_table(contract: Contract, contracts: Mapping[str, Contract], warehouse: Warehouse) -> str:
    """CREATE TABLE. Constraints are those that hold: Redshift does not check them, and plans queries by them."""
    by, sorted_by = distribution(contract, contracts), sorting(contract)
    comments = [f"-- Distributed: {by.reason}.", f"-- Sorted: {sorted_by.reason}."]
    constraints = [f"PRIMARY KEY ({names(contract.key)})"] if has_primary_key(contract) else []
    for reference, why_not in foreign_keys(contract, contracts):
        on = names(reference.on or contracts[reference.to].key)
        key = f"FOREIGN KEY ({names(reference.columns)}) REFERENCES {warehouse.table(reference.to)} ({on})"
        if why_not is None:
            constraints.append(key)
        else:
            comments.append(
                f"-- Refers to {reference.to} by {', '.join(reference.columns)}; not a foreign key: {why_not}."
            )
    lines = [*_column_lines(warehouse_columns(contract)), *constraints]
    body = ",\n".join(f"  {line}" for line in lines)
    style = f"DISTSTYLE KEY DISTKEY ({names(by.columns)})" if by.columns else "DISTSTYLE AUTO"
    order = f"COMPOUND SORTKEY ({names(sorted_by.columns)})" if sorted_by.columns else "SORTKEY AUTO"
    create = f"CREATE TABLE IF NOT EXISTS {warehouse.table(contract.dataset)} (\n{body}\n)\n{style}\n{order}"
    return "\n".join([*comments, create])


def _column_lines(columns: list[WarehouseColumn]) -> Iterator[str]:
    for column in columns:
        yield f"{quoted(column.name)} {column.type}{' NOT NULL' if column.required else ''}"
