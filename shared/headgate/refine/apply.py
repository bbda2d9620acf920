"""Apply judged rows to the table: deduplicate, compare with the stored rows, audit, publish."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import clean, columns
from headgate.columns import KEPT, REFUSED
from headgate.errors import RunFailed
from headgate.frame import DatasetRun, publish_audited
from headgate.lake.ledger import Entry, Ledger, entry, read_ledger, write_ledger
from headgate.lake.uris import literal
from headgate.publish.change import Change
from headgate.refine.choose import Choice
from headgate.refine.intake import Batch


def current_ledger(run: DatasetRun, batch: Batch, choice: Choice) -> Ledger:
    """The ledger as it is now. Raises `RunFailed` when another run has appended the batch's objects meanwhile."""
    ledger = read_ledger(run.lake.storage, run.contract.dataset, run.table.pointer())
    if ledger.pointer != choice.ledger and run.contract.mode == "append":
        news = {stored.path for stored in ledger.news(batch.objects, run.contract.hash)}
        if len(news) < len(batch.objects):
            what = "another run has published the same objects meanwhile"
            raise RunFailed(what, where=run.contract.dataset, remedy="Run again.")
    return ledger


def clean_batch(run: DatasetRun, batch: Batch, choice: Choice, stored: DataFrame | None) -> Change:
    """Keep one row per key, compare it with the stored row, and count what the batch does to the table."""
    winners = _winners(run, batch, None if choice.whole else stored)
    rows = _count_actions(run, winners)
    vanished = _vanished(run, batch, choice, stored)
    outcome = run.outcome
    deletes = run.contract.write.on_vanish == "delete" and bool(outcome.vanished)
    outcome.removed = _removed(run, choice, stored)
    return Change(
        rows=winners,
        whole=choice.whole,
        replaced_objects=choice.rewritten if run.contract.mode == "append" else (),
        vanished=vanished if deletes else None,
        rows_after=(outcome.rows_before or 0) + rows[columns.INSERT] - outcome.removed,
        only_inserts=not (rows[columns.UPDATE] or rows[columns.REFRESH] or deletes),
        run=run.request.run,
        inserted=rows[columns.INSERT],
        updated=rows[columns.UPDATE],
    )


def publish_batch(
    run: DatasetRun, batch: Batch, choice: Choice, change: Change, stored: DataFrame | None, ledger: Ledger
) -> None:
    """Audit the change and publish it with the ledger that `ledger` becomes.

    Raises `MainMoved` when another writer was first; no reader sees anything of this run then.
    """

    def write() -> str:
        entries, facts = _entries(run, batch), run.outcome.counts()
        return write_ledger(run.lake.storage, ledger, run.request.run, entries, whole=choice.whole, facts=facts)

    publish_audited(
        run,
        change,
        stored=stored,
        batch=change.rows.where(F.col(columns.ACTION) != columns.LATE),
        balance=lambda: _balance(run, batch),
        ledger=write,
    )


def _entries(run: DatasetRun, batch: Batch) -> list[Entry]:
    contract, name = run.contract.hash, run.request.run
    taken = [entry(stored, contract, name) for stored in batch.objects]
    return [*taken, *(entry(file.object, contract, name, file.reason) for file in batch.refused)]


def _balance(run: DatasetRun, batch: Batch) -> None:
    """Check the row equations. Spark may count a row twice when it repeats a task: then the source is counted again."""
    if not run.outcome.accounts_for_every_row():
        run.outcome.read = batch.recount()
        run.outcome.notes.append("the rows read did not add up at first; the source was counted again")
    run.outcome.balance()


def _winners(run: DatasetRun, batch: Batch, stored: DataFrame | None) -> DataFrame:
    """The rows that may be published, with `_action`; written down when they were compared with stored rows."""
    contract = run.contract
    names = [*(column.name for column in contract.columns), *columns.technical_names()]
    kept = batch.judged.rows(run.session, KEPT).select(*names)
    if not contract.key:
        return clean.against_stored(clean.every_row(kept), None, contract)
    latest = clean.latest_per_key(kept, contract)
    compared = clean.against_stored(latest, _aligned(stored, names) if stored is not None else None, contract)
    place = run.lake.place(f"{run.work}/changes")
    compared.write.mode("overwrite").parquet(place)
    return run.session.read.schema(compared.schema).parquet(literal(place))


def _aligned(stored: DataFrame, names: Sequence[str]) -> DataFrame:
    """The stored rows with every column of the contract; a column that is new is null in them."""
    return stored.select(*(F.col(n) if n in stored.columns else F.lit(None).alias(n) for n in names))


def _count_actions(run: DatasetRun, winners: DataFrame) -> dict[str, int]:
    """Put the counts of what the winners do into the outcome, and return the rows per action."""
    by_action = winners.groupBy(columns.ACTION)
    counted = by_action.agg(F.count("*").alias("rows"), F.sum(columns.COPIES).alias("copies")).collect()
    rows = {str(action): 0 for action in columns.ACTIONS}
    rows |= {str(row[columns.ACTION]): int(row["rows"]) for row in counted}
    copies, winning, late = sum(int(row["copies"]) for row in counted), sum(rows.values()), rows[columns.LATE]
    outcome = run.outcome
    outcome.inserted, outcome.updated = rows[columns.INSERT], rows[columns.UPDATE]
    outcome.unchanged = rows[columns.UNCHANGED] + rows[columns.REFRESH]
    outcome.superseded, outcome.published = copies - winning + late, winning - late
    return rows


def _vanished(run: DatasetRun, batch: Batch, choice: Choice, stored: DataFrame | None) -> DataFrame | None:
    """Keys whose stored row came from a rewritten object that no longer has them, not even in a refused row."""
    if run.contract.mode != "merge" or not choice.rewritten or stored is None:
        return None
    key = list(run.contract.key)
    kept, refused = (batch.judged.rows(run.session, verdict).select(*key) for verdict in (KEPT, REFUSED))
    rewritten = stored.where(F.col(columns.OBJECT).isin(*choice.rewritten)).select(*key)
    vanished = rewritten.join(kept.unionByName(refused), key, "left_anti")
    run.outcome.vanished = vanished.count()
    return vanished


def _removed(run: DatasetRun, choice: Choice, stored: DataFrame | None) -> int:
    """How many stored rows the publication takes away."""
    if stored is None:
        return 0
    if choice.whole:
        return run.outcome.rows_before or 0
    if run.contract.mode == "append" and choice.rewritten:
        return int(stored.where(F.col(columns.OBJECT).isin(*choice.rewritten)).count())
    return (run.outcome.vanished or 0) if run.contract.write.on_vanish == "delete" else 0
