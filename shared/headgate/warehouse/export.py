"""Export a publication for the warehouse: Parquet files in the order of the DDL's columns, and a manifest of them.

An Iceberg table's own files are never loaded: among them are replaced rows and unaudited ones. The manifest's form:
docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html (COPY of Parquet needs the lengths).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.columns import RUN
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.frame import DatasetRun
from headgate.lake.paths import export_folder
from headgate.publish.change import Change
from headgate.warehouse.columns import LONGEST_TEXT, WarehouseColumn, warehouse_columns
from headgate.warehouse.exported import Exported, latest, write_export
from headgate.warehouse.figures import as_text, figures

_FEW = 200_000  # rows that one file holds well


def export_publication(run: DatasetRun, change: Change, before: str | None) -> None:
    """Export what this run has just published; `before` is the ledger's pointer from before.

    What a merge or an append has changed is exported alone where the export before is of the very publication before;
    in all other cases the whole table is. The table is published already: what fails here is noted, and the next run
    exports the whole table.
    """
    if not run.contract.serving.warehouse:
        return
    last = latest(run.lake.storage, run.contract.dataset)
    chained = last is not None and last.ledger is not None and last.ledger == before
    _export(run, change if chained and _is_partial(change, run.contract) else None)


def export_unexported(run: DatasetRun) -> None:
    """Export the whole table where what is published was not exported: a run ended early, or the word is new."""
    if not run.contract.serving.warehouse or not run.table.exists:
        return
    last = latest(run.lake.storage, run.contract.dataset)
    if last is None or last.ledger != run.table.pointer():
        _export(run, None)


def _is_partial(change: Change, contract: Contract) -> bool:
    """Rows of replaced objects are found by their object, which the warehouse does not have."""
    return not (contract.is_mart or change.whole or change.replaced_objects)


def _export(run: DatasetRun, change: Change | None) -> None:
    with run.timed("export"):
        try:
            _write(run, change)
        except Exception as error:
            what = (
                getattr(error, "what", "")
                or f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            )
            run.outcome.notes.append(f"warn: not exported for the warehouse, the next run exports all of it: {what}")


def _write(run: DatasetRun, change: Change | None) -> None:
    contract, storage, name = run.contract, run.lake.storage, run.request.run
    last = latest(storage, contract.dataset)
    folder, table = export_folder(contract.dataset, name), run.table.stored()
    if table is None:
        return
    storage.delete(folder)
    rows = table if change is None else table.where(F.col(RUN) == name)
    row_count = (run.outcome.rows_after or 0) if change is None else change.inserted + change.updated
    if change is not None and change.watched is not None:
        row_count = (run.outcome.inserted or 0) + (run.outcome.updated or 0)
    columns = warehouse_columns(contract)
    _require_short_texts(rows, columns)
    written = _files(run, _as_exported(rows, columns), f"{folder}/rows", row_count)
    leaving = change.leaving if change is not None else None
    keys = [column for column in columns if column.name in contract.key]
    gone = None if leaving is None else leaving.select(*(column.name for column in keys)).distinct()
    removed_count = gone.count() if gone is not None else 0
    removed = _files(run, _as_exported(gone, keys), f"{folder}/removed", removed_count) if gone is not None else None
    export = Exported(
        dataset=contract.dataset,
        run=name,
        sequence=last.sequence + 1 if last else 1,
        previous=last.run if last and change is not None else None,
        whole=change is None,
        columns=tuple(column.name for column in columns),
        rows=written,
        row_count=row_count,
        removed=removed,
        removed_count=removed_count,
        ledger=run.table.pointer(),
        version=run.table.version(),
        figures=_figures(table, contract),
    )
    write_export(storage, export)
    run.log("exported", rows=row_count, removed=removed_count, whole=export.whole)


def _as_exported(rows: DataFrame, columns: Sequence[WarehouseColumn]) -> DataFrame:
    """The columns in order, as COPY can load them: nested values as JSON, times in UTC without a zone."""
    return rows.select(*(_exported(column).alias(column.name) for column in columns))


def _exported(column: WarehouseColumn) -> Column:
    value = F.col(column.name)
    if column.type == "SUPER":
        return F.to_json(value, {"ignoreNullFields": "false"})
    return value.cast("timestamp_ntz") if column.kind == "timestamp" else value


def _require_short_texts(rows: DataFrame, columns: Sequence[WarehouseColumn]) -> None:
    """Raise `RunFailed` where a value is longer than its column in the warehouse."""
    texts = [column for column in columns if column.staged.startswith("VARCHAR") and column.name != RUN]
    if not texts:
        return
    longest = rows.agg(*(F.max(F.octet_length(_exported(column))).alias(column.name) for column in texts)).first()
    for column in texts:
        most = int(column.staged.removeprefix("VARCHAR(").rstrip(")"))
        if longest is not None and (longest[column.name] or 0) > most:
            what = (
                f"`{column.name}` has a value of {longest[column.name]:,} bytes, and Redshift's column holds {most:,}"
            )
            remedy = f"Leave the column out (`publish: false`), or refuse values over {LONGEST_TEXT // 4:,} characters."
            raise RunFailed(what, remedy=remedy)


def _files(run: DatasetRun, rows: DataFrame, folder: str, count: int) -> str | None:
    """Write the rows and a manifest of their files; returns the manifest's address, None where there are no rows."""
    if not count:
        return None
    storage = run.lake.storage
    spread = rows.coalesce(1) if count <= _FEW else rows
    spread.write.mode("overwrite").option("compression", "snappy").parquet(run.lake.place(folder))
    files = [stored for stored in storage.list(f"{folder}/") if stored.path.endswith(".parquet")]
    entries = [{"url": f.uri, "mandatory": True, "meta": {"content_length": f.size}} for f in files]
    manifest = f"{folder}.manifest"
    storage.write(manifest, json.dumps({"entries": entries}, indent=1).encode())
    return storage.uri(manifest)


def _figures(table: DataFrame, contract: Contract) -> dict[str, str | None]:
    wanted = figures(contract)
    row = table.agg(*(F.expr(figure.spark).alias(str(at)) for at, figure in enumerate(wanted))).first()
    assert row is not None  # an aggregate without groups has one row
    return {figure.name: as_text(row[at]) for at, figure in enumerate(wanted)}
