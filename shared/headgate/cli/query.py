"""serve: a quick look at the lake with DuckDB, over what is published and nothing else.

Iceberg tables are read through their newest metadata file (pyiceberg): never by listing the folder, which also holds
old, deleted and unaudited rows. Parquet tables are read through `_current.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from headgate.errors import UnusableArgument
from headgate.lake.paths import Lake
from headgate.publish.parquet import Current, current


def query(sql: str, lake: Lake) -> duckdb.DuckDBPyRelation:
    """The rows of a SELECT; tables go by dataset or table name, with or without the database.

    Raises `UnusableArgument` for a lake that is not there and for SQL that DuckDB refuses.
    """
    must_be_there(lake)
    connection = duckdb.connect()
    names = dict(published(lake))
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{lake.database}"')
    for dataset in names:
        if _mentions(sql, dataset):
            _register(connection, lake, dataset, names[dataset])
    try:
        return connection.sql(sql)
    except duckdb.Error as error:
        remedy = f"Published tables: {', '.join(sorted(names)) or 'none'}."
        raise UnusableArgument(f"the query cannot be answered: {str(error).splitlines()[0]}", remedy=remedy) from error


def must_be_there(lake: Lake) -> None:
    """Raise `UnusableArgument` for a folder that is no lake."""
    if not Path(lake.storage.root, "data-warehouse").is_dir():
        remedy = "Name the lake's folder with --lake, or make one: `headgate run --lake DIR`."
        raise UnusableArgument("there is no lake here", where=lake.storage.root, remedy=remedy)


def published(lake: Lake) -> Iterator[tuple[str, Path | Current]]:
    """Every published dataset with the state that readers see."""
    warehouse = Path(lake.storage.root, "data-warehouse")
    for metadata in sorted(warehouse.glob(f"{lake.database}/{lake.prefix}*/metadata")):
        newest = newest_metadata(metadata)
        if newest is not None:
            yield metadata.parent.name.removeprefix(lake.prefix), newest
    for pointer in sorted(warehouse.glob("*/_current.json")):
        state = current(lake.storage, pointer.parent.name)
        if state is not None:
            yield pointer.parent.name, state


def newest_metadata(folder: Path) -> Path | None:
    """The highest `vN.metadata.json` (`version-hint.text` can lag behind it); None while a first publication writes."""
    versions = {
        int(match[1]): file for file in folder.glob("v*.metadata.json") if (match := re.match(r"v(\d+)\.", file.name))
    }
    return versions[max(versions)] if versions else None


def _mentions(sql: str, dataset: str) -> bool:
    return re.search(rf"\b\w*{re.escape(dataset)}\b", sql, re.IGNORECASE) is not None


def _register(connection: duckdb.DuckDBPyConnection, lake: Lake, dataset: str, state: Path | Current) -> None:
    select = (
        _parquet_select(lake, dataset, state)
        if isinstance(state, Current)
        else _iceberg_select(connection, dataset, state)
    )
    for name in (
        f'"{dataset}"',
        f'"{lake.prefix}{dataset}"',
        f'"{lake.database}"."{lake.prefix}{dataset}"',
        f'"{lake.database}"."{dataset}"',
    ):
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {select}")


def _iceberg_select(connection: duckdb.DuckDBPyConnection, dataset: str, metadata: Path) -> str:
    """Files that carry the whole current schema are left to DuckDB; anything else is read by pyiceberg."""
    from pyiceberg.table import StaticTable

    scan = StaticTable.from_metadata(str(metadata.absolute())).scan()
    tasks = list(scan.plan_files())
    if tasks and not any(task.delete_files for task in tasks) and _same_columns(scan, tasks):
        columns = ", ".join(f'"{field.name}"' for field in scan.projection().fields)
        return f"SELECT {columns} FROM read_parquet([{_listed(task.file.file_path for task in tasks)}])"
    connection.register(f"_arrow_{dataset}", scan.to_arrow())
    return f'SELECT * FROM "_arrow_{dataset}"'


def _same_columns(scan: Any, tasks: list[Any]) -> bool:
    """True when every file was written with as many columns as the table has: no column was added since."""
    wanted = {field.field_id for field in scan.projection().fields}
    return all(wanted <= set(task.file.value_counts or {}) for task in tasks)


def _parquet_select(lake: Lake, dataset: str, state: Current) -> str:
    kinds = ", ".join(f'"{name}"' for name, _ in state.columns)
    root = Path(lake.storage.root, "data-warehouse", dataset)
    folders = [root / run / part for run, parts in state.folders.items() for part in parts]
    files = sorted(str(file) for folder in folders for file in folder.glob("*.parquet"))
    if not files:
        nothing = ", ".join(f'NULL AS "{name}"' for name, _ in state.columns)
        return f"SELECT {nothing} WHERE false"
    types = ", ".join(f"'{name}': {_duck_type(kind)}" for name, kind in state.columns if name in state.partition_by)
    hive = f", hive_partitioning = true, hive_types = {{{types}}}" if types else ", hive_partitioning = false"
    return f"SELECT {kinds} FROM read_parquet([{_listed(files)}]{hive}, union_by_name = true)"


def _listed(files: Any) -> str:
    return ", ".join(
        "'" + str(file).removeprefix("file://").removeprefix("file:").replace("'", "''") + "'" for file in files
    )


def _duck_type(kind: str) -> str:
    return {"string": "VARCHAR", "int": "INTEGER", "timestamp_ntz": "TIMESTAMP", "timestamp": "TIMESTAMPTZ"}.get(
        kind, kind.upper()
    )
