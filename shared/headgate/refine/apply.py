"""Apply judged rows to the table: deduplicate, compare with the stored rows, audit, publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns
from headgate.columns import KEPT, REFUSED
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.frame import DatasetRun, publish_audited
from headgate.gate.key_versions import with_versions
from headgate.lake.ledger import Entry, Ledger, entry, read_ledger, write_ledger
from headgate.publish.change import Change
from headgate.publish.reach import NO_BOUNDS
from headgate.refine.choose import Choice
from headgate.refine.conflicts import report_conflicts
from headgate.refine.deleted import bury, without_deletes
from headgate.refine.intake import Batch
from headgate.refine.winners import Counts, Winners, find_winners


def current_ledger(run: DatasetRun, batch: Batch, choice: Choice) -> Ledger:
    """The ledger as it is now. Raises `RunFailed` when another run has appended the batch's objects meanwhile."""
    ledger = read_ledger(run.lake.storage, run.contract.dataset, run.table.pointer())
    if ledger.pointer != choice.ledger and run.contract.mode == "append":
        news = {stored.path for stored in ledger.news(batch.objects, run.contract.hash)}
        if len(news) < len(batch.objects):
            what = "another run has published the same objects meanwhile"
            raise RunFailed(what, where=run.contract.dataset, remedy="Run again.")
    return ledger


@dataclass(frozen=True)
class Cleaned:
    """A batch's change of the table, and the winners behind it."""

    change: Change
    winners: Winners


def clean_batch(run: DatasetRun, batch: Batch, choice: Choice, stored: DataFrame | None, ledger: Ledger) -> Cleaned:
    """Keep one row per key, and compare it with the stored row.

    What the batch does to the table is counted now where rows were compared, and else when they are written.
    """
    winners = find_winners(run, batch, choice, stored, ledger)
    counts = _count(run, winners) if winners.watched is None else None
    rows = counts.rows if counts else dict.fromkeys(columns.ACTIONS, 0)
    vanished = _vanished(run, batch, choice, stored)
    leaving = _leaving(run, winners.rows, vanished, rows[columns.DELETE])
    run.outcome.removed = _removed(run, choice, stored) + rows[columns.DELETE]
    change = Change(
        rows=winners.rows,
        whole=choice.whole,
        replaced_objects=choice.rewritten if run.contract.mode == "append" else (),
        leaving=leaving,
        only_inserts=not (rows[columns.UPDATE] or rows[columns.REFRESH] or leaving is not None),
        run=run.request.run,
        inserted=rows[columns.INSERT],
        updated=rows[columns.UPDATE],
        watched=winners.watched,
        reach=NO_BOUNDS if vanished is not None else winners.reach,  # a vanished key is not one of the batch
    )
    return Cleaned(change, winners)


def publish_batch(
    run: DatasetRun,
    batch: Batch,
    choice: Choice,
    cleaned: Cleaned,
    stored: DataFrame | None,
    ledger: Ledger,
    contracts: Mapping[str, Contract] = MappingProxyType({}),
) -> None:
    """Audit the change and publish it with the ledger that `ledger` becomes.

    Raises `MainMoved` when another writer was first; no reader sees anything of this run then.
    """
    change, winners = cleaned.change, cleaned.winners

    def write() -> str:
        entries = _entries(run, batch, ledger, whole=choice.whole)
        facts = with_versions(run.outcome.counts(), run.outcome.key_versions)
        deleted = bury(run, change.rows, ledger, whole=choice.whole)
        name, whole = run.request.run, choice.whole
        return write_ledger(run.lake.storage, ledger, name, entries, whole=whole, facts=facts, deleted=deleted)

    def of_batch(table: DataFrame) -> DataFrame:
        return (
            without_deletes(change.rows) if winners.watched is None else table.where(F.col(columns.RUN) == change.run)
        )

    def written(rows: int) -> None:
        if winners.watched is not None:
            stayed = (run.outcome.rows_before or 0) - (run.outcome.removed or 0)
            _count(run, winners, rows - stayed)

    publish_audited(
        run,
        change,
        stored=stored,
        batch=of_batch,
        written=written,
        balance=lambda: _balance(run, batch, winners),
        ledger=write,
        contracts=contracts,
    )


def _entries(run: DatasetRun, batch: Batch, before: Ledger, *, whole: bool) -> list[Entry]:
    contract, name = run.contract.hash, run.request.run
    emptied = {file.object.path: file.reason for file in batch.emptied}
    taken = [replace(entry(file, contract, name), emptied=emptied.get(file.path)) for file in batch.objects]
    lasting = (file for file in batch.refused if not file.again)
    refused = [entry(file.object, contract, name, file.reason) for file in lasting]
    return [*taken, *(replace(file, published=not whole and before.holds(file.path)) for file in refused)]


def _balance(run: DatasetRun, batch: Batch, winners: Winners) -> None:
    """Check the row equations. Spark may count a row twice when it repeats a task: then it is counted again."""
    outcome = run.outcome
    if winners.watched is not None and not outcome.adds_up():
        winners.count().put_into(outcome)
    if not outcome.accounts_for_every_row():
        outcome.read = batch.recount()
        outcome.notes.append("the rows read did not add up at first; the source was counted again")
    outcome.balance()


def _count(run: DatasetRun, winners: Winners, written: int = 0) -> Counts:
    """Put into the outcome what the winners do, and report those that contradict each other."""
    counts = winners.counted(written)
    report_conflicts(run, counts.conflicts)
    counts.put_into(run.outcome)
    return counts


def _leaving(run: DatasetRun, winners: DataFrame, vanished: DataFrame | None, deleted: int) -> DataFrame | None:
    """The keys that leave the table: those that rows delete, and with `on_vanish: delete` those that vanished."""
    by_row = winners.where(F.col(columns.ACTION) == columns.DELETE).select(*run.contract.key) if deleted else None
    gone = vanished if run.contract.write.on_vanish == "delete" and run.outcome.vanished else None
    return gone if by_row is None else by_row if gone is None else gone.unionByName(by_row)


def _vanished(run: DatasetRun, batch: Batch, choice: Choice, stored: DataFrame | None) -> DataFrame | None:
    """Keys whose stored row came from a rewritten object that no longer has them, not even in a refused row."""
    if run.contract.mode != "merge" or not choice.rewritten or stored is None:
        return None
    key = list(run.contract.key)
    kept, refused = (batch.judged.rows(verdict).select(*key) for verdict in (KEPT, REFUSED))
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
