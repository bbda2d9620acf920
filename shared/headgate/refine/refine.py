"""refine: raw files → gate → clean → audit → publish, for one dataset. The order of the steps is the promise."""

from __future__ import annotations

from pyspark.sql import SparkSession

from headgate import read
from headgate.contract.model import Contract
from headgate.errors import RunFailed
from headgate.gate.judged import clear_leftovers
from headgate.lake.ledger import Ledger, read_ledger
from headgate.lake.lock import writing
from headgate.lake.paths import Lake
from headgate.lake.storage import Storage
from headgate.outcome import Outcome
from headgate.publish import table_of
from headgate.publish.iceberg import MainMoved
from headgate.publish.step import needs_rebuild
from headgate.refine.apply import settle
from headgate.refine.choose import Choice, choose
from headgate.refine.intake import hold, take_in
from headgate.refine.state import Refinery
from headgate.request import RunRequest, timed
from headgate.spark.errors import explained
from headgate.upkeep.backfill import selected
from headgate.upkeep.rollback import on_hold

ATTEMPTS = 3  # publications against a main that other writers move


def refine(
    spark: SparkSession, lake: Lake, source: Storage, contract: Contract, request: RunRequest, outcome: Outcome
) -> None:
    """Bring a dataset's new objects into its published table, or leave the table as it was.

    Fills `outcome` step by step, so that a run which stops still says what it had counted. Raises `GateClosed` when
    the data did not pass and `RunFailed` when the machinery did not work.
    """
    session = lake.session(spark)
    r = Refinery(session, lake, source, contract, request, outcome, table_of(session, lake, contract, request.run))
    with explained(contract, lake):
        if request.dry:
            if not on_hold(r.table, outcome):
                _planned(r)
            return
        with writing(lake, contract.dataset, lambda: request.log("waiting", dataset=contract.dataset)):
            request.log("tidy", dataset=contract.dataset)
            _tidy(r)
            if on_hold(r.table, outcome):
                return
            try:
                _refine(r)
            finally:
                request.log("clear", dataset=contract.dataset)
                lake.storage.delete(r.work)


def _refine(r: Refinery) -> None:
    ledger, choice = _chosen(r)
    if not choice.objects:
        _unchanged(r, ledger)
        return
    _must_fit(r, choice)
    stored = r.table.stored()
    r.outcome.rows_before = stored.count() if stored is not None else 0
    with timed(r, "read"):
        intake = take_in(r, choice)
    with timed(r, "gate"):
        hold(r, intake)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            settle(r, intake, choice, ledger)
            break
        except MainMoved as moved:
            r.request.log("again", dataset=r.contract.dataset, attempt=attempt)
            if attempt == ATTEMPTS:
                what = f"another writer published {ATTEMPTS} times meanwhile"
                raise RunFailed(what, where=str(moved), remedy="Run again.") from moved
    r.outcome.status = "published"


def _chosen(r: Refinery) -> tuple[Ledger, Choice]:
    with timed(r, "list"):
        ledger = read_ledger(r.lake.storage, r.contract.dataset, r.table.pointer())
        found = read.objects(r.source, r.contract.path)
        again = selected(r.request.again, r.contract, ledger, found, r.table.stored()) if r.request.again else None
        choice = choose(r.contract, ledger, found, full=r.request.full, again=again)
    _tell_stale(r, ledger, choice)
    r.outcome.objects = {
        "found": len(found),
        "read": len(choice.objects),
        "bytes": sum(one.size for one in choice.objects),
        "rewritten": len(choice.rewritten),
        "gone": len(choice.gone),
    }
    return ledger, choice


def _tell_stale(r: Refinery, ledger: Ledger, choice: Choice) -> None:
    """A changed contract rereads nothing by itself: how much was read under an older one is said."""
    stale = set(ledger.stale(r.contract.hash)) - {one.path for one in choice.objects}
    if stale:
        way = f"`headgate backfill {r.contract.dataset} --stale` reads them again"
        r.outcome.notes.append(f"{len(stale)} objects were read under an older contract; {way}")


def _planned(r: Refinery) -> None:
    """What a run would read; nothing is written."""
    _, choice = _chosen(r)
    r.outcome.status = "planned" if choice.objects else "unchanged"
    r.outcome.objects = {**r.outcome.objects, "planned": [one.path for one in choice.objects]}


def _unchanged(r: Refinery, ledger: Ledger) -> None:
    stored = r.table.stored()
    rows = stored.count() if stored is not None else 0
    o = r.outcome
    o.status, o.reason = (
        "unchanged",
        f"no object is {r.request.again}" if r.request.again else "no new or changed object",
    )
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
    r.table.clear_leftovers()
    clear_leftovers(r.lake, r.contract.dataset)
