"""Columns that no file of a run has: otherwise they would silently be published as nulls."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import functions as F

from headgate.columns import KEPT, OBJECT
from headgate.contract.file_formats import FORMAT_FACTS
from headgate.contract.model import Column, Contract
from headgate.frame import DatasetRun
from headgate.read import RefusedFile
from headgate.refine.intake import Batch

_LOOKED_AT = 1000  # rows that show most columns to have values, before all rows are asked about the rest


def report_absent(run: DatasetRun, batch: Batch) -> None:
    """Report the columns that none of the files read has; where records name their keys, those without any value."""
    if not batch.objects:
        return
    names = _without_value(run, batch) if _by_path(run.contract) else _in_no_file(run, batch)
    for name in names:
        source = run.contract.column(name).source_name
        where = "no record has a value for" if _by_path(run.contract) else "no file has"
        note = f"warn: {where} `{source}`: column `{name}` is null in every row of this run"
        run.outcome.notes.append(f"{note}. Correct `source`, add an alias, or set `required_in_file: true`")


def lacking(run: DatasetRun, batch: Batch) -> list[RefusedFile]:
    """Files of records in which a column with `required_in_file` has no value at all."""
    required = [spec for spec in run.contract.read_columns if spec.required_in_file and spec.publish]
    if not required or not _by_path(run.contract):
        return []  # of a file with a header the reader has seen it
    values = [F.count(f"`{spec.name}`").alias(spec.name) for spec in required]
    rows = batch.judged.rows(KEPT).groupBy(OBJECT).agg(*values).collect()
    absent = {row[OBJECT]: [spec.source_name for spec in required if not row[spec.name]] for row in rows}
    return [RefusedFile(file, _lacks(absent[file.path])) for file in batch.objects if absent.get(file.path)]


def _lacks(names: Sequence[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f"lacks {listed} in every record (`required_in_file`)"


def _by_path(contract: Contract) -> bool:
    return FORMAT_FACTS[contract.source.format].by_path


def _in_no_file(run: DatasetRun, batch: Batch) -> list[str]:
    """The missing columns of every file; files that turned out to be broken while they were read do not matter."""
    missing = run.outcome.drift.get("missing", {})
    return [name for name, seen in missing.items() if seen["files"] >= len(batch.objects)]


def _without_value(run: DatasetRun, batch: Batch) -> list[str]:
    """The columns that are null in every kept row; a sample of the rows leaves few of them to ask about."""
    kept = batch.judged.rows(KEPT)
    names = [spec.name for spec in run.contract.read_columns if _may_be_absent(spec, run.contract)]
    for rows in (kept.limit(_LOOKED_AT), kept):
        if not names:
            break
        counts = rows.agg(F.count(F.lit(1)), *(F.count(f"`{name}`") for name in names)).first() or (0,)
        names = [name for name, values in zip(names, counts[1:], strict=True) if counts[0] and not values]
    return names


def _may_be_absent(spec: Column, contract: Contract) -> bool:
    return spec.publish and not (spec.required or spec.name in contract.key)
