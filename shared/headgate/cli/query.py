"""A quick look at the lake with DuckDB: the published tables, as readers see them, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from headgate.errors import UnusableArgument
from headgate.lake.paths import WAREHOUSE, Lake
from headgate.publish.formats import published
from headgate.publish.table import Published


def query(sql: str, lake: Lake) -> duckdb.DuckDBPyRelation:
    """The rows of a SELECT; tables go by dataset or table name, with or without the database.

    Raises `UnusableArgument` when there is no lake, and for SQL that DuckDB refuses.
    """
    require_lake(lake)
    connection = duckdb.connect()
    tables = published(lake)
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{lake.database}"')
    for dataset, table in tables.items():
        if _mentions(sql, dataset):
            _register(connection, lake, table)
    try:
        return connection.sql(sql)
    except duckdb.Error as error:
        remedy = f"Published tables: {', '.join(sorted(tables)) or 'none'}."
        raise UnusableArgument(f"the query cannot be answered: {str(error).splitlines()[0]}", remedy=remedy) from error


def require_lake(lake: Lake) -> None:
    """Raise `UnusableArgument` for a folder that is not a lake."""
    if not Path(lake.storage.root, WAREHOUSE).is_dir():
        remedy = "Name the lake's folder with --lake, or make one: `headgate run --lake DIR`."
        raise UnusableArgument("there is no lake here", where=lake.storage.root, remedy=remedy)


def _mentions(sql: str, dataset: str) -> bool:
    return re.search(rf"\b\w*{re.escape(dataset)}\b", sql, re.IGNORECASE) is not None


def _register(connection: duckdb.DuckDBPyConnection, lake: Lake, table: Published) -> None:
    """Make a view under each name by which SQL may name the table."""
    select, dataset = table.select(connection), table.dataset
    for name in (
        f'"{dataset}"',
        f'"{lake.prefix}{dataset}"',
        f'"{lake.database}"."{lake.prefix}{dataset}"',
        f'"{lake.database}"."{dataset}"',
    ):
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {select}")
