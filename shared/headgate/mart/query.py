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
from headgate.mart.sql import over_views, view_name
from headgate.publish.formats import table_of


def publications(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, str]:
    """What each source published last, as its ledger's pointer: a snapshot also changes by compaction."""
    tables = {name: table_of(run.session, run.lake, source, run.request.run) for name, source in sources.items()}
    return {name: str(table.pointer()) for name, table in tables.items()}


def pinned_views(run: DatasetRun, sources: Mapping[str, Contract]) -> dict[str, str]:
    """Make a view per source over its current snapshot, and return the snapshot of each.

    Raises `RunFailed` when a source was never published.
    """
    versions: dict[str, str] = {}
    for name, source in sources.items():
        table = table_of(run.session, run.lake, source, run.request.run)
        stored = table.stored()
        if stored is None:
            remedy = f"Publish it first: `headgate run {name}`."
            raise RunFailed(f"its source `{name}` was never published", where=run.contract.file, remedy=remedy)
        stored.createOrReplaceTempView(view_name(name))
        versions[name] = str(table.version())
    return versions


def query_rows(run: DatasetRun, query: str, sources: Mapping[str, Contract]) -> DataFrame:
    """The query's rows, in the contract's column order.

    Raises `UnusableContract` with every column whose name or type is not the contract's.
    """
    rows = run.session.sql(over_views(query, run.lake, list(sources)))
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
