"""The rows that may be published, one per key, and the counts of what they do to the table.

Winners that are compared with stored rows are written down, because more than one step reads them. All others are
written once, as the table's own files, and counted by the very job that writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from headgate import clean, columns
from headgate.columns import ACTION, ACTIONS, CONFLICTS, COPIES, GONE, INSERT, KEPT
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.frame import DatasetRun
from headgate.lake.ledger import Ledger
from headgate.outcome import Outcome
from headgate.publish.reach import NO_BOUNDS, Reach, reach_of
from headgate.refine.choose import Choice
from headgate.refine.deleted import buried
from headgate.refine.intake import Batch
from headgate.spark.observed import observed

_FEW_OF = 3  # with fewer times the batch's rows in the table, looking for bounds costs more than it saves
_SENT = 500_000  # rows whose keys every worker gets
_OF_THE_GATE = (columns.REASONS, columns.WARNINGS, columns.VALUES, columns.RECORD)


@dataclass(frozen=True)
class Counts:
    """Winners by action, the rows of their keys (`copies`), and those that only their line decided about."""

    rows: Mapping[str, int]
    copies: int
    conflicts: int

    def put_into(self, outcome: Outcome) -> None:
        """Put into the outcome what the winners do."""
        rows, winning, late = self.rows, sum(self.rows.values()), self.rows[columns.LATE]
        outcome.inserted, outcome.updated = rows[INSERT], rows[columns.UPDATE]
        outcome.unchanged = rows[columns.UNCHANGED] + rows[columns.REFRESH]
        outcome.deleted = sum(rows[action] for action in columns.DELETING)
        outcome.superseded, outcome.published = self.copies - winning + late, winning - late - outcome.deleted


@dataclass(frozen=True)
class Winners:
    """Rows with `_action`. `watched` are the same rows for the job that writes them, and `observation` its counts;
    both are None where the winners were compared with stored rows, and are written down. `reach` bounds the stored rows
    that they were compared with.
    """

    rows: DataFrame
    watched: DataFrame | None = None
    observation: Observation | None = None
    reach: Reach = NO_BOUNDS

    def count(self) -> Counts:
        """The counts, by a pass over the winners."""
        by_action = self.rows.groupBy(ACTION)
        sums = (F.sum(name).alias(name) for name in (COPIES, CONFLICTS))
        found = by_action.agg(F.count("*").alias("rows"), *sums).collect()
        rows = {str(row[ACTION]): int(row["rows"]) for row in found}
        return Counts(_by_action(rows), *(sum(int(row[name]) for row in found) for name in (COPIES, CONFLICTS)))

    def counted(self, written: int) -> Counts:
        """The counts of the job that has written this many rows; by a pass of their own where it has none.

        Spark reports nothing of a job that had no task, and nothing is to be waited for then.
        """
        if self.observation is None or not written:
            return self.count()
        try:
            seen = observed(self.observation)
        except RunFailed:
            return self.count()
        rows = {INSERT: seen["winners"] - seen[GONE], GONE: seen[GONE]}
        return Counts(_by_action(rows), seen[COPIES], seen[CONFLICTS])


def find_winners(run: DatasetRun, batch: Batch, choice: Choice, stored: DataFrame | None, ledger: Ledger) -> Winners:
    """The winners of the batch's kept rows, compared with the stored rows where there are any to compare them with."""
    contract = run.contract
    names = [*(column.name for column in contract.published), *columns.technical_names()]
    kept = batch.judged.rows(KEPT).drop(*_OF_THE_GATE)
    before = _aligned(stored, names) if stored is not None and not choice.whole else None
    reach = NO_BOUNDS
    if before is not None and (run.outcome.rows_before or 0) > _FEW_OF * batch.kept:
        reach = reach_of(kept, contract)
        before = _met(reach.within(before), kept, contract, batch.kept)
    if contract.key:
        latest = clean.latest_per_key(kept, contract)
        rows = clean.against_stored(latest, before, contract, buried(run, ledger))
    elif contract.distinct:
        before = before if contract.mode == "append" else None
        rows = clean.not_stored_yet(clean.distinct_rows(kept, contract), before, contract)
    else:
        before = None
        rows = clean.against_stored(clean.every_row(kept), None, contract)
    return _watched(rows) if before is None else Winners(run.written_down(rows, "changes"), reach=reach)


def _met(stored: DataFrame, kept: DataFrame, contract: Contract, rows: int) -> DataFrame:
    """The stored rows that have a key of the kept rows. Few keys are sent to where the stored rows are read."""
    if not contract.key or rows > _SENT:
        return stored
    return stored.join(F.broadcast(kept.select(*contract.key)), list(contract.key), "left_semi").select(*stored.columns)


def _watched(rows: DataFrame) -> Winners:
    observation = Observation()
    gone = F.count(F.when(F.col(ACTION) == GONE, True)).alias(GONE)
    sums = (F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in (COPIES, CONFLICTS))
    return Winners(rows, rows.observe(observation, F.count("*").alias("winners"), gone, *sums), observation)


def _aligned(stored: DataFrame, names: Sequence[str]) -> DataFrame:
    """The stored rows with every column of the contract; a column that is new is null in them."""
    return stored.select(*(F.col(n) if n in stored.columns else F.lit(None).alias(n) for n in names))


def _by_action(rows: Mapping[str, int]) -> dict[str, int]:
    return {str(action): 0 for action in ACTIONS} | dict(rows)
