"""Rows of one file that contradict each other about a key: told apart from copies, and refused where that is asked."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.clean import contradicting
from headgate.columns import CONFLICTS, KEPT, LINE
from headgate.frame import DatasetRun
from headgate.gate.decision import closed
from headgate.gate.whole_files import refusing
from headgate.refine.intake import Batch

REASON = "key: another row of this file has the same key and order, and other values"


def refuse_conflicts(run: DatasetRun, batch: Batch) -> Batch:
    """Refuse, with `on_conflict: quarantine`, all rows that contradict another one of their file and key."""
    contract, judged = run.contract, batch.judged
    if contract.on_conflict != "quarantine":
        return batch
    lines = run.written_down(contradicting(judged.rows(KEPT), contract), "conflicts")
    run.outcome.conflicting = lines.count()
    if not run.outcome.conflicting:
        return batch
    marked = lines.withColumn(CONFLICTS, F.lit(True))

    def revise(rows: DataFrame) -> DataFrame:
        found = rows.join(marked, LINE, "left")
        return refusing(found, F.coalesce(CONFLICTS, F.lit(False)), REASON, contract).drop(CONFLICTS)

    return replace(batch, judged=replace(judged, revisions=(*judged.revisions, revise)))


def report_conflicts(run: DatasetRun, conflicts: int) -> None:
    """Count and report rows that only their line decided about. Raises `GateClosed` with `on_conflict: stop`."""
    if run.contract.on_conflict == "quarantine":
        return
    run.outcome.conflicting = conflicts
    if not conflicts:
        return
    rows = f"{conflicts:,} rows contradict another row of their file and key"
    rows = "1 row contradicts another row of its file and key" if conflicts == 1 else rows
    if run.contract.on_conflict == "stop":
        raise closed(run.contract, [f"{rows} (`on_conflict` says stop)"])
    line = "first" if run.contract.first_line_wins else "last"
    run.outcome.notes.append(f"warn: {rows}; the {line} line wins. Name an `order`, or set `on_conflict`")
