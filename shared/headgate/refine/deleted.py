"""Deleted keys are remembered beside the ledger, where no reader looks: an older row must not bring one back."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.columns import ACTION, ARRIVAL, DELETES, DELETING, LATE, OBJECT
from headgate.contract.model import Contract
from headgate.frame import DatasetRun
from headgate.lake.ledger import Ledger
from headgate.lake.paths import deleted_keys
from headgate.lake.uris import literal


def buried(run: DatasetRun, ledger: Ledger) -> DataFrame | None:
    """The keys that were deleted, each with what ordered its deletion; None when none is remembered."""
    if ledger.deleted is None or run.contract.delete_when is None:
        return None
    return run.session.read.parquet(literal(run.lake.place(ledger.deleted))).select(*_names(run.contract))


def bury(run: DatasetRun, winners: DataFrame, ledger: Ledger, *, whole: bool) -> str | None:
    """Write down the keys that are deleted after this run, and return the place; the former one where none changed."""
    if run.contract.delete_when is None:
        return None if whole else ledger.deleted
    names = _names(run.contract)
    new = winners.where(F.col(ACTION).isin(*DELETING)).select(*names)
    before = None if whole else buried(run, ledger)
    if before is not None:
        met = winners.where(F.col(ACTION) != LATE).select(*run.contract.key)
        new = before.join(met, list(run.contract.key), "left_anti").select(*names).unionByName(new)
    elif not run.outcome.deleted:
        return None
    place = deleted_keys(run.contract.dataset, run.request.run)
    new.coalesce(1).write.mode("overwrite").parquet(run.lake.place(place))
    return place


def _names(contract: Contract) -> list[str]:
    ordering = [step.column for step in contract.ordering if step.column not in contract.key]
    return [*contract.key, *ordering, ARRIVAL, OBJECT]


def without_deletes(rows: DataFrame) -> DataFrame:
    """The rows that a reader will see, of rows with an action."""
    return rows.where(~F.col(ACTION).isin(LATE, *DELETING)).drop(DELETES)
