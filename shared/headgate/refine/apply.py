"""Settle: how the rows taken in stand to the published table, and their publication."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import clean, columns
from headgate.columns import KEPT, REFUSED
from headgate.errors import RunFailed
from headgate.gate.decision import require_passed_audit
from headgate.gate.judged import JudgedRows
from headgate.lake.ledger import Entry, Ledger, entry, read_ledger, write_ledger
from headgate.publish.audit import audited
from headgate.publish.change import Change
from headgate.publish.step import Steps, publish_change
from headgate.read.origin import literal
from headgate.refine.choose import Choice
from headgate.refine.intake import Intake
from headgate.refine.state import Refinery
from headgate.request import timed


def settle(r: Refinery, intake: Intake, choice: Choice, seen: Ledger) -> None:
    """Clean the rows that were taken in, audit them and publish them with the ledger that `seen` becomes.

    Raises `MainMoved` when another writer was first; nothing of ours is visible then, and settling can be tried again.
    """
    ledger = _still(r, intake, seen)
    stored = r.table.stored()
    with timed(r, "clean"):
        winners = _winners(r, intake.staged, None if choice.whole else stored)
        change = _change(r, winners, intake.staged, choice, stored)
    row_results = [one for one in r.outcome.checks if one.check.scope == "row"]

    def audit(table: DataFrame) -> None:
        batch = winners.where(F.col(columns.ACTION) != columns.LATE)
        r.outcome.checks = [*row_results, *audited(r.contract, batch, table)]
        require_passed_audit(r.contract, r.outcome.checks)

    def count(rows: int) -> None:
        r.outcome.rows_after = rows
        _balanced(r, intake)

    def log(step: str) -> None:
        r.request.log(step, dataset=r.contract.dataset)

    def write() -> str:
        news = _entries(r, intake)
        return write_ledger(r.lake.storage, ledger, r.request.run, news, whole=choice.whole, facts=r.outcome.counts())

    with timed(r, "publish"):
        r.outcome.ledger = publish_change(r.table, change, stored, r.contract, Steps(audit, count, write, log))
        r.outcome.version = r.table.version()


def _still(r: Refinery, intake: Intake, seen: Ledger) -> Ledger:
    """The ledger as it is now; objects that another run has appended meanwhile must not be appended again."""
    ledger = read_ledger(r.lake.storage, r.contract.dataset, r.table.pointer())
    if ledger.pointer != seen.pointer and r.contract.mode == "append":
        news = {one.path for one in ledger.news(intake.objects, r.contract.hash)}
        if len(news) < len(intake.objects):
            raise RunFailed(
                "another run has published the same objects meanwhile", where=r.contract.dataset, remedy="Run again."
            )
    return ledger


def _entries(r: Refinery, intake: Intake) -> list[Entry]:
    read = [entry(one, r.contract.hash, r.request.run) for one in intake.objects]
    return [*read, *(entry(one.object, r.contract.hash, r.request.run, one.reason) for one in intake.refused)]


def _balanced(r: Refinery, intake: Intake) -> None:
    """Hold the equations. Spark may count a row twice when it carries out a task again: then the source decides."""
    if not r.outcome.accounts_for_every_row():
        r.outcome.read = intake.recount()
        r.outcome.notes.append("the rows read did not add up at first; the source was counted again")
    r.outcome.balance()


def _winners(r: Refinery, staged: JudgedRows, stored: DataFrame | None) -> DataFrame:
    """The rows that may be published, each with what it does to the table; written aside where rows were compared."""
    names = [*(column.name for column in r.contract.columns), *columns.TECHNICAL]
    kept = staged.rows(r.session, KEPT).select(*names)
    if not r.contract.key:
        return clean.against_stored(clean.every_row(kept), None, r.contract)
    latest = clean.latest_per_key(kept, r.contract)
    there = _aligned(stored, names) if stored is not None else None
    place = r.lake.place(f"{r.work}/changes")
    named = clean.against_stored(latest, there, r.contract)
    named.write.mode("overwrite").parquet(place)
    return r.session.read.schema(named.schema).parquet(literal(place))


def _aligned(stored: DataFrame, names: Sequence[str]) -> DataFrame:
    """The stored rows with every column the contract has; one that is new is null in them."""
    return stored.select(*(F.col(n) if n in stored.columns else F.lit(None).alias(n) for n in names))


def _change(r: Refinery, winners: DataFrame, staged: JudgedRows, choice: Choice, stored: DataFrame | None) -> Change:
    counted = (
        winners.groupBy(columns.ACTION).agg(F.count("*").alias("rows"), F.sum(columns.COPIES).alias("copies")).collect()
    )
    rows = {row[columns.ACTION]: int(row["rows"]) for row in counted}
    copies = sum(int(row["copies"]) for row in counted)
    o = r.outcome
    o.rows_before = stored.count() if stored is not None else 0
    o.inserted, o.updated = rows.get(columns.INSERT, 0), rows.get(columns.UPDATE, 0)
    refreshed = rows.get(columns.REFRESH, 0)
    o.unchanged = rows.get(columns.UNCHANGED, 0) + refreshed
    o.superseded = copies - sum(rows.values()) + rows.get(columns.LATE, 0)
    o.published = sum(rows.values()) - rows.get(columns.LATE, 0)
    vanished = _vanished(r, staged, choice, stored)
    o.removed = _removed(r, choice, stored, vanished)
    return Change(
        rows=winners,
        whole=choice.whole,
        replaced_objects=choice.rewritten if r.contract.mode == "append" else (),
        vanished=vanished if r.contract.write.on_vanish == "delete" and o.vanished else None,
        rows_after=o.rows_before + o.inserted - o.removed,
        only_inserts=not (o.updated or refreshed or (o.vanished and r.contract.write.on_vanish == "delete")),
        run=r.request.run,
        inserted=o.inserted,
        updated=o.updated,
    )


def _vanished(r: Refinery, staged: JudgedRows, choice: Choice, stored: DataFrame | None) -> DataFrame | None:
    """Keys whose stored row came from a rewritten object that no longer names them, refused rows included."""
    if r.contract.mode != "merge" or not choice.rewritten or stored is None:
        return None
    key = list(r.contract.key)
    present = staged.rows(r.session, KEPT).select(*key).unionByName(staged.rows(r.session, REFUSED).select(*key))
    gone = stored.where(F.col(columns.OBJECT).isin(*choice.rewritten)).select(*key).join(present, key, "left_anti")
    r.outcome.vanished = gone.count()
    return gone


def _removed(r: Refinery, choice: Choice, stored: DataFrame | None, vanished: DataFrame | None) -> int:
    if stored is None:
        return 0
    if choice.whole:
        return r.outcome.rows_before or 0
    if r.contract.mode == "append" and choice.rewritten:
        return int(stored.where(F.col(columns.OBJECT).isin(*choice.rewritten)).count())
    return (r.outcome.vanished or 0) if vanished is not None and r.contract.write.on_vanish == "delete" else 0
