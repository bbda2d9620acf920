"""A quick look at the lake with DuckDB: the published tables, as readers see them, and nothing else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb

from headgate import stopping
from headgate.cli.confined import confine, connect, one_select
from headgate.errors import UnusableArgument
from headgate.lake.moved import require_in_place
from headgate.lake.paths import WAREHOUSE, Lake
from headgate.publish.formats import published
from headgate.publish.table import Published

if TYPE_CHECKING:
    import pyarrow

_AT_A_TIME = 10_000  # rows in memory
_NUMBERS = {
    *("tinyint", "smallint", "integer", "bigint", "hugeint", "float", "double", "decimal"),
    *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
}
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_SHOWN = 6  # lines of a message, which may list dozens of functions


@dataclass(frozen=True)
class Answer:
    """A query that can be answered: its columns with DuckDB's types, and its rows each time they are wanted."""

    connection: duckdb.DuckDBPyConnection
    relation: duckdb.DuckDBPyRelation
    sql: str
    tables: Collection[str]

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.relation.columns)

    @property
    def numeric(self) -> list[bool]:
        """Which columns are numbers."""
        return [kind.id in _NUMBERS for kind in self.relation.types]

    def rows(self, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The first rows, or all, a few thousand at a time in memory. Raises `UnusableArgument`."""
        with self.explained():
            left = limit
            self.connection.execute(self.sql)
            while left != 0 and (rows := self.connection.fetchmany(min(_AT_A_TIME, left or _AT_A_TIME))):
                yield from rows
                left = left if left is None else left - len(rows)
            self.connection.abort()  # the rows that nobody wants are not computed

    def count(self) -> int:
        """How many rows there are. Raises `UnusableArgument`."""
        with self.explained():
            return self.relation.count("*").fetchall()[0][0]

    def batches(self, limit: int | None = None) -> tuple[pyarrow.Schema, Iterator[pyarrow.RecordBatch]]:
        """Arrow's schema, and the first rows, or all, in batches. Raises `UnusableArgument`, also in the iterator."""
        with self.explained():
            relation = self.relation if limit is None else self.relation.limit(limit)
            reader = relation.to_arrow_reader(_AT_A_TIME)
            return reader.schema, self._read(reader)

    def _read(self, reader: pyarrow.RecordBatchReader) -> Iterator[pyarrow.RecordBatch]:
        with self.explained():
            try:
                yield from reader
            except OSError as error:  # so Arrow names what DuckDB found
                raise duckdb.Error(str(error)) from error

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn DuckDB's errors into `UnusableArgument`, with its hint and the place in the SQL."""
        try:
            yield
        except duckdb.Error as error:
            remedy = f"Published tables: {', '.join(sorted(self.tables)) or 'none'}."
            what = f"the query cannot be answered: {_told(error, self.tables)}"
            raise UnusableArgument(what, remedy=remedy) from error


@contextmanager
def answering(sql: str, lake: Lake) -> Iterator[Answer]:
    """Answer one SELECT; tables go by dataset or table name, with or without the database.

    What does not fit into memory goes into a temporary folder. Raises `UnusableArgument` when there is no lake, for SQL
    that DuckDB refuses, and for anything but a SELECT over published tables.
    """
    with (
        TemporaryDirectory(prefix="headgate-query-") as temporary,
        connect(temporary) as connection,
        stopping.interrupting(connection.interrupt),
    ):
        yield _answer(connection, sql, lake)


def query(sql: str, lake: Lake) -> duckdb.DuckDBPyRelation:
    """The rows of a SELECT as `answering` answers it, held in memory. Raises `UnusableArgument`."""
    answer = _answer(connect(), sql, lake)
    with answer.explained():  # now: a value that cannot be converted shows only while rows are computed
        return answer.relation.materialize()


def _answer(connection: duckdb.DuckDBPyConnection, sql: str, lake: Lake) -> Answer:
    require_lake(lake)
    tables = published(lake)
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{lake.database}"')
    named = [table for dataset, table in tables.items() if _mentions(sql, dataset)]
    files = [file for table in named for file in _register(connection, lake, table)]
    confine(connection, files)
    unchecked = Answer(connection, connection.sql("SELECT 1"), sql, tables)
    with unchecked.explained():
        statement = one_select(connection, sql, lake.database, tables)
        return replace(unchecked, relation=connection.sql(statement), sql=statement)


@dataclass(frozen=True)
class TableSeen:
    """A published table as `headgate query` lists it: by its name, and the run whose rows it shows."""

    name: str
    rows: int
    columns: int
    run: str


def published_tables(lake: Lake) -> list[TableSeen]:
    """Every published table, without Spark. Raises `UnusableArgument` when there is no lake."""
    require_lake(lake)
    with connect() as connection:
        return [_seen(connection, table) for _, table in sorted(published(lake).items())]


def _seen(connection: duckdb.DuckDBPyConnection, table: Published) -> TableSeen:
    relation = connection.sql(table.select(connection).sql)
    rows = relation.count("*").fetchall()[0][0]
    return TableSeen(table.dataset, rows, len(relation.columns), PurePosixPath(table.pointer() or "").stem)


def _told(error: duckdb.Error, tables: Iterable[str]) -> str:
    """DuckDB's message with its hint and the place in the SQL, and our hint for a table that is not there."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    told = [re.sub(r"^[A-Z][\w ]* Error: ", "", lines[0]), *lines[1:]]
    absent = _NO_TABLE.search(lines[0])
    if absent:  # DuckDB has seen those tables only that the SQL mentions, and its own
        near = difflib.get_close_matches(absent[1].rpartition(".")[2].lower(), tables, n=1)
        told = [told[0], *(f"Did you mean `{name}`?" for name in near), *_place(told)]
    elif len(told) > _SHOWN:
        told = [*told[:_SHOWN], "…", *_place(told[_SHOWN:])]
    return "\n".join(told)


def _place(lines: Sequence[str]) -> Sequence[str]:
    """The line of the SQL, and the mark below it."""
    at = next((i for i, line in enumerate(lines) if line.startswith("LINE ")), len(lines))
    return lines[at:]


def require_lake(lake: Lake) -> None:
    """Raise `UnusableArgument` for a folder that is not a lake, or a lake that was moved."""
    if not Path(lake.storage.root, WAREHOUSE).is_dir():
        remedy = "Name the lake's folder with --lake, or make one: `headgate run --lake DIR`."
        raise UnusableArgument("there is no lake here", where=lake.storage.root, remedy=remedy)
    require_in_place(lake)


def _mentions(sql: str, dataset: str) -> bool:
    return re.search(rf"\b\w*{re.escape(dataset)}\b", sql, re.IGNORECASE) is not None


def _register(connection: duckdb.DuckDBPyConnection, lake: Lake, table: Published) -> Sequence[str]:
    """Make a view under each name by which SQL may name the table, and return the files that it reads."""
    selected, dataset = table.select(connection), table.dataset
    for name in (
        f'"{dataset}"',
        f'"{lake.prefix}{dataset}"',
        f'"{lake.database}"."{lake.prefix}{dataset}"',
        f'"{lake.database}"."{dataset}"',
    ):
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {selected.sql}")
    return selected.files
