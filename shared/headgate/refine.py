"""refine: raw files → gate → clean → audit → publish, for one dataset. The order of the steps is the promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from headgate import clean, read
from headgate.choose import Choice, choose
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.gate import FILE_REFUSED, KEPT, REASONS, REFUSED, gate
from headgate.keys import masking_keys
from headgate.lake import Lake
from headgate.ledger import Ledger, entry, read_ledger, write_ledger
from headgate.lock import writing
from headgate.outcome import Outcome
from headgate.publish import Table, table_of
from headgate.publish.audit import audited
from headgate.publish.change import Change
from headgate.publish.iceberg import MainMoved
from headgate.publish.step import Steps, needs_rebuild, publish_change
from headgate.quarantine import keep_refused
from headgate.read import RefusedFile
from headgate.samples import with_samples
from headgate.spark_errors import explained
from headgate.stage import Staged, stage
from headgate.steps import Order, timed
from headgate.storage import Storage, StoredObject
from headgate.verdict import closed, hold_audit, hold_gate

ATTEMPTS = 3  # publications against a main that other writers move


@dataclass
class Refinery:
    """One dataset in one run: what its steps share."""

    session: SparkSession
    lake: Lake
    source: Storage
    contract: Contract
    order: Order
    outcome: Outcome
    table: Table

    @property
    def work(self) -> str:
        """The folder of what is written aside."""
        return self.lake.work(self.order.run, self.contract.dataset)


def refine(
    spark: SparkSession, lake: Lake, source: Storage, contract: Contract, order: Order, outcome: Outcome
) -> None:
    """Bring a dataset's new objects into its published table, or leave the table as it was.

    Fills `outcome` step by step, so that a run which stops still says what it had counted. Raises `GateClosed` when
    the data did not pass and `RunFailed` when the machinery did not work.
    """
    session = lake.session(spark)
    with (
        writing(lake, contract.dataset, lambda: order.log("waiting", dataset=contract.dataset)),
        explained(contract, lake),
    ):
        table = table_of(session, lake, contract, order.run)
        refinery = Refinery(session, lake, source, contract, order, outcome, table)
        if order.dry:
            _planned(refinery)
            return
        order.log("tidy", dataset=contract.dataset)
        _tidy(refinery)
        try:
            _refine(refinery)
        finally:
            order.log("clear", dataset=contract.dataset)
            lake.storage.delete(refinery.work)


def _refine(r: Refinery) -> None:
    ledger, choice = _chosen(r)
    if not choice.objects:
        _unchanged(r, ledger)
        return
    _must_fit(r, choice)
    stored = r.table.stored()
    r.outcome.rows_before = stored.count() if stored is not None else 0
    with timed(r, "read"):
        staged, read_objects, refused = _staged(r, choice)
    with timed(r, "gate"):
        _gate(r, staged)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _publish(r, staged, choice, ledger, read_objects, refused)
            break
        except MainMoved as moved:
            r.order.log("again", dataset=r.contract.dataset, attempt=attempt)
            if attempt == ATTEMPTS:
                raise RunFailed(
                    f"another writer published {ATTEMPTS} times meanwhile", where=str(moved), remedy="Run again."
                ) from moved
    r.outcome.status = "published"


def _chosen(r: Refinery) -> tuple[Ledger, Choice]:
    with timed(r, "list"):
        ledger = read_ledger(r.lake.storage, r.contract.dataset, r.table.pointer())
        found = read.objects(r.source, r.contract.path)
        choice = choose(r.contract, ledger, found, full=r.order.full)
    stale = ledger.stale(r.contract.hash)
    if stale:
        r.outcome.notes.append(f"{len(stale)} objects were read under an older contract; `--full` reads them again")
    r.outcome.objects = {
        "found": len(found),
        "read": len(choice.objects),
        "bytes": sum(one.size for one in choice.objects),
        "rewritten": len(choice.rewritten),
        "gone": len(choice.gone),
    }
    return ledger, choice


def _planned(r: Refinery) -> None:
    """What a run would read; nothing is written."""
    _, choice = _chosen(r)
    r.outcome.status = "planned" if choice.objects else "unchanged"
    r.outcome.objects = {**r.outcome.objects, "planned": [one.path for one in choice.objects]}


def _unchanged(r: Refinery, ledger: Ledger) -> None:
    stored = r.table.stored()
    rows = stored.count() if stored is not None else 0
    o = r.outcome
    o.status, o.reason = "unchanged", "no new or changed object"
    o.read = o.published = o.superseded = o.skipped = o.quarantined = 0
    o.inserted = o.updated = o.unchanged = o.removed = 0
    o.rows_before = o.rows_after = rows
    o.ledger, o.version = ledger.pointer, r.table.version()


def _must_fit(r: Refinery, choice: Choice) -> None:
    """A contract that the table cannot be brought to stops before anything is read."""
    if r.table.exists and not choice.whole:
        difference = r.table.difference()
        if difference.rebuild:
            raise needs_rebuild(r.contract, difference.rebuild)


def _tidy(r: Refinery) -> None:
    """Clear what a run that died has left of this dataset; the lock says that none is at work."""
    r.table.tidy()
    leftovers = {
        one.path.split("/")[1]
        for one in r.lake.storage.list("_work/")
        if one.path.split("/")[2:3] == [r.contract.dataset]
    }
    for run in leftovers:
        r.lake.storage.delete(r.lake.work(run, r.contract.dataset))


def _staged(r: Refinery, choice: Choice) -> tuple[Staged, list[StoredObject], list[RefusedFile]]:
    """Read the objects once and write their rows aside; an object that breaks is refused and the rest read again."""
    keys = masking_keys(r.lake, r.contract, first=not r.table.exists)
    left, refused = list(choice.objects), list[RefusedFile]()
    while True:
        plan = read.plan(r.contract, r.source, left, r.lake.storage.uri(f"{r.work}/normal"))
        refused += plan.refused
        left = _without(left, plan.refused)
        _tell_refused(r, refused, left)
        place = r.lake.place(f"{r.work}/staged")
        try:
            staged = stage(read.frame(r.session, r.contract, plan), gate(r.contract), keys, r.order.run, place)
        except Exception as error:
            broken = read.broken_file(error, left)
            if broken is None:
                raise
            refused.append(broken)
            left = _without(left, [broken])
            continue
        found = _refused_while_read(r, staged, left)
        refused += found
        left = _without(left, found)
        _tell_refused(r, refused, left)
        r.outcome.drift = plan.drift.as_dict()
        return staged, left, refused


def _refused_while_read(r: Refinery, staged: Staged, objects: Sequence[StoredObject]) -> list[RefusedFile]:
    """Documents that turned out to be unreadable: each has left one marker row and no other."""
    if not staged.observed["files"]:
        return []
    marks = staged.rows(r.session, FILE_REFUSED).select(clean.OBJECT, F.col(REASONS)[0].alias("reason")).collect()
    by_path = {one.path: one for one in objects}
    return [RefusedFile(by_path[mark[clean.OBJECT]], mark["reason"]) for mark in marks]


def _without(objects: Sequence[StoredObject], refused: Sequence[RefusedFile]) -> list[StoredObject]:
    out = {one.object.path for one in refused}
    return [one for one in objects if one.path not in out]


def _tell_refused(r: Refinery, refused: Sequence[RefusedFile], left: Sequence[StoredObject]) -> None:
    """Refused files are counted in files and bytes; the gate closes when none is left, or the contract says stop."""
    r.outcome.files_refused = len(refused)
    told = [{"path": one.object.path, "bytes": one.object.size, "reason": one.reason} for one in refused]
    r.outcome.objects = {**r.outcome.objects, "refused": told}
    if refused and (not left or r.contract.source.unreadable == "stop"):
        shown = [f"`{one.object.path}` refused: {one.reason}" for one in refused[:3]]
        more = [f"and {len(refused) - 3} more files"] if len(refused) > 3 else []
        raise closed(r.contract, [*shown, *more, *([] if left else ["no file is left"])])


def _gate(r: Refinery, staged: Staged) -> None:
    """Count what lies aside, keep the refused rows, and decide whether the others may go on."""
    o = r.outcome
    o.read, o.skipped = staged.observed["read"], staged.observed["skipped"]
    kept = staged.rows(r.session, KEPT).count()
    o.quarantined = staged.rows(r.session, REFUSED).count()
    o.checks = with_samples(r.session, staged, r.contract, gate(r.contract).results(staged.observed))
    if o.quarantined:
        keep_refused(staged.rows(r.session, REFUSED), r.lake, r.contract.dataset, r.order.run)
    r.order.log(
        "staged", dataset=r.contract.dataset, read=o.read, kept=kept, quarantined=o.quarantined, skipped=o.skipped
    )
    hold_gate(r.contract, read=o.read, kept=kept, refused=o.quarantined, results=o.checks)


def _publish(
    r: Refinery,
    staged: Staged,
    choice: Choice,
    ledger: Ledger,
    objects: Sequence[StoredObject],
    refused: Sequence[RefusedFile],
) -> None:
    row_results = [one for one in r.outcome.checks if one.check.scope == "row"]
    stored = r.table.stored()
    with timed(r, "clean"):
        winners = _winners(r, staged, None if choice.whole else stored)
        change = _change(r, winners, staged, choice, stored)
    entries = [entry(one, r.contract.hash, r.order.run) for one in objects]
    entries += [entry(one.object, r.contract.hash, r.order.run, one.reason) for one in refused]

    def audit(table: DataFrame) -> None:
        batch = winners.where(F.col(clean.ACTION) != clean.LATE)
        r.outcome.checks = [*row_results, *audited(r.contract, batch, table)]
        hold_audit(r.contract, r.outcome.checks)

    def count(rows: int) -> None:
        r.outcome.rows_after = rows
        r.outcome.balance()

    def log(step: str) -> None:
        r.order.log(step, dataset=r.contract.dataset)

    def write() -> str:
        return write_ledger(r.lake.storage, ledger, r.order.run, entries, whole=choice.whole, facts=r.outcome.counts())

    with timed(r, "publish"):
        r.outcome.ledger = publish_change(r.table, change, stored, r.contract, Steps(audit, count, write, log))
        r.outcome.version = r.table.version()


def _winners(r: Refinery, staged: Staged, stored: DataFrame | None) -> DataFrame:
    """The rows that may be published, each with what it does to the table; written aside where rows were compared."""
    names = [*(column.name for column in r.contract.columns), *clean.TECHNICAL]
    kept = staged.rows(r.session, KEPT).select(*names)
    if not r.contract.key:
        return clean.against_stored(clean.every_row(kept), None, r.contract)
    latest = clean.latest_per_key(kept, r.contract)
    there = _aligned(stored, names) if stored is not None else None
    place = r.lake.place(f"{r.work}/changes")
    named = clean.against_stored(latest, there, r.contract)
    named.write.mode("overwrite").parquet(place)
    return r.session.read.schema(named.schema).parquet(place)


def _aligned(stored: DataFrame, names: Sequence[str]) -> DataFrame:
    """The stored rows with every column the contract has; one that is new is null in them."""
    return stored.select(*(F.col(n) if n in stored.columns else F.lit(None).alias(n) for n in names))


def _change(r: Refinery, winners: DataFrame, staged: Staged, choice: Choice, stored: DataFrame | None) -> Change:
    counted = (
        winners.groupBy(clean.ACTION).agg(F.count("*").alias("rows"), F.sum(clean.COPIES).alias("copies")).collect()
    )
    rows = {row[clean.ACTION]: int(row["rows"]) for row in counted}
    copies = sum(int(row["copies"]) for row in counted)
    o = r.outcome
    o.rows_before = stored.count() if stored is not None else 0
    o.inserted, o.updated = rows.get(clean.INSERT, 0), rows.get(clean.UPDATE, 0)
    refreshed = rows.get(clean.REFRESH, 0)
    o.unchanged = rows.get(clean.UNCHANGED, 0) + refreshed
    o.superseded = copies - sum(rows.values()) + rows.get(clean.LATE, 0)
    o.published = sum(rows.values()) - rows.get(clean.LATE, 0)
    vanished = _vanished(r, staged, choice, stored)
    o.removed = _removed(r, choice, stored, vanished)
    return Change(
        rows=winners,
        whole=choice.whole,
        replaced_objects=choice.rewritten if r.contract.mode == "append" else (),
        vanished=vanished if r.contract.write.on_vanish == "delete" and o.vanished else None,
        rows_after=o.rows_before + o.inserted - o.removed,
        only_inserts=not (o.updated or refreshed or (o.vanished and r.contract.write.on_vanish == "delete")),
    )


def _vanished(r: Refinery, staged: Staged, choice: Choice, stored: DataFrame | None) -> DataFrame | None:
    """Keys whose stored row came from a rewritten object that no longer names them, refused rows included."""
    if r.contract.mode != "merge" or not choice.rewritten or stored is None:
        return None
    key = list(r.contract.key)
    present = staged.rows(r.session, KEPT).select(*key).unionByName(staged.rows(r.session, REFUSED).select(*key))
    gone = stored.where(F.col(clean.OBJECT).isin(*choice.rewritten)).select(*key).join(present, key, "left_anti")
    r.outcome.vanished = gone.count()
    return gone


def _removed(r: Refinery, choice: Choice, stored: DataFrame | None, vanished: DataFrame | None) -> int:
    if stored is None:
        return 0
    if choice.whole:
        return r.outcome.rows_before or 0
    if r.contract.mode == "append" and choice.rewritten:
        return int(stored.where(F.col(clean.OBJECT).isin(*choice.rewritten)).count())
    return (r.outcome.vanished or 0) if vanished is not None and r.contract.write.on_vanish == "delete" else 0
