"""The rows of a query: a table for people, and CSV, JSON or Parquet as a stream."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from headgate.cli.query import Answer, TableSeen
from headgate.cli.table import Column, console, print_table
from headgate.errors import UnusableArgument

Form = Literal["table", "csv", "json", "parquet"]
SHOWN = 50  # rows of a table, without --limit


def print_answer(answer: Answer, form: Form, limit: int | None) -> None:
    """Print the first rows (by default 50 of a table, else all); memory does not grow with their number.

    Raises `UnusableArgument`, also after rows were printed: DuckDB finds some faults only while it computes.
    """
    _PRINT[form](answer, limit)


def _table(answer: Answer, limit: int | None) -> None:
    most = limit or SHOWN
    rows = list(answer.rows(most + 1))
    shown, count = rows[:most], len(rows) if len(rows) <= most else answer.count()
    names = answer.columns
    columns = [
        Column(name, [_text(row[i]) for row in shown], number)
        for i, (name, number) in enumerate(zip(names, answer.numeric, strict=True))
    ]
    out = console()
    print_table(out, columns)
    more = f"; {len(shown):,} are shown, more with --limit" if count > len(shown) else ""
    out.print(f"{count:,} row{'' if count == 1 else 's'}{more}", soft_wrap=True)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _csv(answer: Answer, limit: int | None) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(answer.columns)
    writer.writerows(answer.rows(limit))


def _json(answer: Answer, limit: int | None) -> None:
    names, before = answer.columns, "[\n"
    for row in answer.rows(limit):
        record = json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False)
        print(f"{before}  {record}", end="")
        before = ",\n"
    print("[]" if before == "[\n" else "\n]")


def _parquet(answer: Answer, limit: int | None) -> None:
    if sys.stdout.isatty():
        remedy = "Send it to a file: `headgate query … --format parquet > rows.parquet`."
        raise UnusableArgument("Parquet is not for a terminal", remedy=remedy)
    from pyarrow.parquet import ParquetWriter

    schema, batches = answer.batches(limit)
    with ParquetWriter(sys.stdout.buffer, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


_PRINT: dict[Form, Callable[[Answer, int | None], None]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}


def print_tables(tables: Sequence[TableSeen], form: Form) -> None:
    """Print the published tables with their rows and the run that readers see."""
    if form == "json":
        print(json.dumps([_as_dict(table) for table in tables], indent=2))
        return
    if form != "table":
        remedy = "Without SQL use `--format table` or `json`."
        raise UnusableArgument(f"the list of tables is not made as {form}", remedy=remedy)
    out = console()
    if not tables:
        out.print("Nothing is published here yet: `headgate run` publishes.", markup=False)
        return
    print_table(
        out,
        [
            Column("table", [table.name for table in tables]),
            Column("rows", [f"{table.rows:,}" for table in tables], number=True),
            Column("columns", [str(table.columns) for table in tables], number=True),
            Column("published", [when(table.run) for table in tables], whole=True),
            Column("by run", [table.run for table in tables]),
        ],
    )
    out.print(f'For example: headgate query "SELECT * FROM {tables[0].name}"', markup=False, soft_wrap=True)


def _as_dict(table: TableSeen) -> dict[str, Any]:
    return {"table": table.name, "rows": table.rows, "columns": table.columns, "run": table.run}


def when(run: str) -> str:
    """When a run started, as its name says it; empty for a name that someone else chose."""
    try:
        return f"{datetime.strptime(run.partition('-')[0], '%Y%m%dT%H%M%SZ'):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return ""
