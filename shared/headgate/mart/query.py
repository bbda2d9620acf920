"""A mart's query: over views pinned to published snapshots, with the columns that its contract declares."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns
from headgate.contract.model import Contract
from headgate.contract.types import parse_type
from headgate.errors import Fault, RunFailed, UnusableContract
from headgate.frame import DatasetRun
from headgate.gate.checked_query import checked_query
from headgate.mart.sql import over_views, view_name
from headgate.publish.formats import table_of
from headgate.publish.table import Table


def publications(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, str]:
    """What each source published last, as its ledger's pointer: a snapshot also changes by compaction."""
    return {name: str(table.pointer()) for name, table in _tables(run, sources)}


def versions(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, str]:
    """The current snapshot of each source. Raises `RunFailed` when one was never published."""
    return {name: str(_require_published(run, name, table).version()) for name, table in _tables(run, sources)}


def pinned_views(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, str]:
    """Make a view per source over its current snapshot, and return the snapshot of each.

    Raises `RunFailed` when a source was never published.
    """
    pinned: dict[str, str] = {}
    for name, table in _tables(run, sources):
        stored = _require_published(run, name, table).stored()
        assert stored is not None
        stored.createOrReplaceTempView(view_name(name))
        pinned[name] = str(table.version())
    return pinned


def _tables(run: DatasetRun, sources: Mapping[str, Contract]) -> list[tuple[str, Table]]:
    return [(name, table_of(run.started, run.lake, source, run.request.run)) for name, source in sources.items()]


def _require_published(run: DatasetRun, name: str, table: Table) -> Table:
    if table.exists:
        return table
    remedy = f"Publish it first: `headgate run {name}`."
    raise RunFailed(f"its source `{name}` was never published", where=run.contract.file, remedy=remedy)


def query_rows(run: DatasetRun, query: str, sources: Mapping[str, Contract]) -> DataFrame:
    """The query's rows, in the contract's column order.

    Raises `UnusableContract` with every column whose name or type is not the contract's.
    """
    rows = checked_query(run.session.sql(over_views(query, run.lake, list(sources))))
    selected = {field.name: field.dataType.simpleString() for field in rows.schema.fields}
    declared = {column.name: parse_type(column.published_type).ddl for column in run.contract.columns}
    names = dict.fromkeys([*declared, *selected])
    faults = [_column_fault(run.contract, name, selected.get(name), declared.get(name)) for name in names]
    wrong = [fault for fault in faults if fault]
    if wrong:
        raise UnusableContract(wrong)
    return rows.select(*declared)


def unread(rows: DataFrame) -> DataFrame:
    """Add the columns that a reader would add, empty: a mart's rows come from no file."""
    none = F.lit(None)
    return rows.select(
        "*",
        none.cast("string").alias(columns.OBJECT),
        none.cast("timestamp").alias(columns.ARRIVAL),
        F.array().cast("array<string>").alias(columns.FAULTS),
        none.cast("string").alias(columns.RAW),
        none.cast("string").alias(columns.FILE_FAULT),
        none.cast("string").alias(columns.SKIP),
    )


def _column_fault(contract: Contract, name: str, selected: str | None, declared: str | None) -> Fault | None:
    if selected == declared:
        return None
    sql = f"sql/{contract.source.query}"
    if selected is None:
        problem, remedy = f"{sql} has no column `{name}`", "Select it, or remove it from the contract."
    elif declared is None:
        problem, remedy = f"{sql} selects `{name}` ({selected}), which is not declared", "Declare it, or drop it."
    else:
        problem = f"the query gives {selected}, the contract says {declared}"
        remedy = f"CAST it in the query, or declare {selected}."
    return Fault(contract.file, f"columns ({name})", problem, remedy)
