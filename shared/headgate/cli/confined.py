"""A DuckDB that answers one SELECT over published tables and reaches nothing else: no file, network or setting.

Two walls. The statement's kind and what it names are checked in DuckDB's own parse; and DuckDB itself may open only the
files of the published tables, with its settings locked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import duckdb

from headgate.errors import UnusableArgument

MEMORY = "1GB"  # more goes to a temporary folder, where the caller names one
_SETTINGS = {
    "memory_limit": MEMORY,
    "python_enable_replacements": False,  # a table's name must not find a variable of Python
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
}
_TABLE_FUNCTIONS = {"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest"}
_REFUSED_FUNCTIONS = {"current_setting", "getenv", "getvariable"}
_SYSTEM = re.compile(r"(duckdb|pragma|sqlite|pg)_|.*\W", re.IGNORECASE)


def connect(temporary: str = "") -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory with a memory limit; what does not fit goes into the folder `temporary`, if there is one."""
    return duckdb.connect(config={**_SETTINGS, "temp_directory": temporary})


def confine(connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> None:
    """Let the connection open these files and no other, and change no setting any more."""
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(f"SET allowed_paths = [{paths}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def one_select(connection: duckdb.DuckDBPyConnection, sql: str, database: str, tables: Collection[str]) -> str:
    """The statement, without what follows it, if it is one SELECT that names nothing but tables of the lake.

    A table that does not exist is DuckDB's to name. Raises `UnusableArgument`, and `duckdb.Error` for a syntax error.
    """
    statements = connection.extract_statements(sql)
    if not statements:
        raise UnusableArgument("the query is empty", remedy="Write a SELECT.")
    if len(statements) > 1:
        what = f"a query is one statement, and these are {len(statements)}"
        raise UnusableArgument(what, remedy="Leave one, or run them one at a time.")
    kind = statements[0].type
    if kind != duckdb.StatementType.SELECT:
        remedy = "Write `SELECT …` or `WITH … SELECT …`: a query reads published tables and changes nothing."
        raise UnusableArgument(f"`{kind.name}` is not a SELECT", remedy=remedy)
    query = statements[0].query
    _require_tables_only(connection, query, database, tables)
    return query.strip().rstrip(";")


def _require_tables_only(
    connection: duckdb.DuckDBPyConnection, query: str, database: str, tables: Collection[str]
) -> None:
    rows = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchall()
    parsed = json.loads(rows[0][0])
    if parsed["error"]:
        raise UnusableArgument(f"the query cannot be checked: {parsed['error_message']}", remedy="Write a SELECT.")
    for node in _nodes(parsed):
        refused = _refused(node, database)
        if refused:
            remedy = f"A query reads published tables only: {', '.join(sorted(tables)) or 'there are none'}."
            raise UnusableArgument(f"`{refused}` cannot be used in a query", remedy=remedy)


def _refused(node: dict[str, Any], database: str) -> str:
    """What this part of the query names and may not; empty when it may."""
    kind = node.get("type")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", ""))
        return "" if name.lower() in _TABLE_FUNCTIONS else name
    if kind == "BASE_TABLE":
        catalog, schema, name = (str(node.get(key, "")) for key in ("catalog_name", "schema_name", "table_name"))
        plain = catalog.lower() in ("", "memory") and schema.lower() in ("", "main", database.lower())
        return "" if plain and not _SYSTEM.match(name) else ".".join(part for part in (catalog, schema, name) if part)
    name = str(node.get("function_name", ""))
    return name if node.get("class") == "FUNCTION" and name.lower() in _REFUSED_FUNCTIONS else ""


def _nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _nodes(inner)
