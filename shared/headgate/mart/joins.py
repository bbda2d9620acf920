"""The guard of a mart's declared joins: a key that would multiply rows closes the gate."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.contract.model import Contract
from headgate.contract.source import Join
from headgate.frame import DatasetRun
from headgate.gate.decision import closed
from headgate.mart.sql import base_and_joins, view_name

WORST = 10  # keys that the report names


def require_joins(run: DatasetRun, query: str, sources: Mapping[str, Contract]) -> None:
    """Close the gate when a declared cardinality does not hold. The report names the keys that would multiply rows."""
    if not run.contract.source.joins:
        return
    base, joined = base_and_joins(query, run.lake)
    outer = {join.dataset for join in joined if join.outer}
    for join in run.contract.source.joins:
        left, right = run.session.table(view_name(str(base))), run.session.table(view_name(join.to))
        _require_unique(run, join, right, left, sources[join.to])
        if join.cardinality == "one_to_one":
            _require_unique(run, join, left, right, sources[str(base)])
        if join.to in outer:
            _note_misses(run, join, left, right)


def _require_unique(run: DatasetRun, join: Join, side: DataFrame, other: DataFrame, source: Contract) -> None:
    """Among the keys that meet the other side none may repeat; a merged table's key is unique by construction."""
    if source.key and set(source.key) <= set(join.on):
        return
    repeated = several_rows(side, other, list(join.on))
    worst = repeated.limit(WORST).collect()
    if worst:
        shown = [f"{', '.join(str(row[c]) for c in join.on)}: {row['count']} rows" for row in worst]
        run.outcome.objects = {**run.outcome.objects, f"keys_of_{source.dataset}_with_several_rows": shown}
        declared = f"join to `{join.to}` on {', '.join(join.on)} is declared {join.cardinality}"
        reason = (
            f"{declared}, but {repeated.count():,} of its keys have several rows in `{source.dataset}` (see the report)"
        )
        raise closed(run.contract, [reason])


def several_rows(side: DataFrame, other: DataFrame, on: list[str]) -> DataFrame:
    """The keys of `side` that have several rows and a match in `other`, with their `count`, the worst first."""
    repeated = side.groupBy(*on).count().where("count > 1")
    return repeated.join(other.select(*on), on, "left_semi").orderBy(F.desc("count"), *on)


def without_match(left: DataFrame, right: DataFrame, on: list[str]) -> DataFrame:
    """The rows of `left` that have no match in `right`."""
    return left.join(right.select(*on), on, "left_anti")


def _note_misses(run: DatasetRun, join: Join, left: DataFrame, right: DataFrame) -> None:
    misses = without_match(left, right, list(join.on)).count()
    if misses:
        note = f"warn: {misses:,} rows have no match in `{join.to}` on {', '.join(join.on)} (LEFT JOIN)"
        run.outcome.notes.append(note)
