"""Which objects a run reads: the ledger decides; events are only hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headgate import read
from headgate.contract.model import Contract
from headgate.errors import NothingArrived, RunFailed
from headgate.frame import DatasetRun
from headgate.lake.acknowledged import unacknowledged
from headgate.lake.ledger import Entry, Ledger, read_ledger
from headgate.lake.paths import incoming_folder
from headgate.lake.storage import Storage, StoredObject
from headgate.publish.step import needs_rebuild
from headgate.refine.waiting import name_files
from headgate.upkeep.backfill import selected


@dataclass(frozen=True)
class Choice:
    """Objects to read; `rewritten` are those of which an earlier version is published; `whole` replaces the table.

    `gone` are objects of the ledger that no longer exist; `ledger` is the pointer to the ledger that was read.
    `waiting` are files that an earlier run refused or emptied, and that nobody has acknowledged.
    """

    objects: tuple[StoredObject, ...]
    rewritten: tuple[str, ...]
    whole: bool
    gone: tuple[str, ...] = ()
    ledger: str | None = None
    waiting: tuple[Entry, ...] = ()


def list_objects(run: DatasetRun, source: Storage) -> Choice:
    """List the dataset's objects in `source`, choose which to read, and put both counts into the outcome."""
    request, contract = run.request, run.contract
    ledger = read_ledger(run.lake.storage, contract.dataset, run.table.pointer())
    found = read.objects(source, contract.path)
    if not found and ledger.pointer is None and contract.source.arrive == "events":
        raise _nothing_arrived(run, source)
    again = selected(request.again, contract, ledger, found, run.table.stored) if request.again else None
    choice = choose(contract, ledger, found, full=request.full, again=again)
    choice = replace(choice, waiting=_waiting(run, ledger, found, choice))
    _note_stale(run, ledger, choice)
    run.outcome.objects = {
        "found": len(found),
        "read": len(choice.objects),
        "bytes": sum(chosen.size for chosen in choice.objects),
        "rewritten": len(choice.rewritten),
        "gone": len(choice.gone),
    }
    name_files(run, choice.waiting)
    return choice


def _nothing_arrived(run: DatasetRun, source: Storage) -> NothingArrived:
    dataset = run.contract.dataset
    folder = f"{incoming_folder(dataset)}/"
    documents = len(read.objects(source, folder))
    if not documents:
        return NothingArrived("no document has arrived yet", where=folder)
    some = "1 document is" if documents == 1 else f"{documents:,} documents are"
    return NothingArrived(f"{some} not flattened yet: `{run.request.command('flatten', dataset)}`", where=folder)


def _waiting(run: DatasetRun, ledger: Ledger, found: Sequence[StoredObject], choice: Choice) -> tuple[Entry, ...]:
    """The files that an earlier run refused or emptied and that this run does not read again."""
    read_now = {chosen.path for chosen in choice.objects}
    waiting = [entry for entry in ledger.waiting(found) if entry.path not in read_now]
    return tuple(unacknowledged(run.lake.storage, run.contract.dataset, waiting))


def require_fitting_table(run: DatasetRun, choice: Choice) -> None:
    """Stop before anything is read when the table cannot be brought to the contract row by row."""
    if run.table.exists and not choice.whole:
        difference = run.table.difference()
        if difference.rebuild:
            raise needs_rebuild(run.contract, difference.rebuild)


def _note_stale(run: DatasetRun, ledger: Ledger, choice: Choice) -> None:
    """A changed contract rereads nothing by itself; report how many objects were read under an older one."""
    stale = set(ledger.stale(run.contract.hash)) - {chosen.path for chosen in choice.objects}
    if stale:
        remedy = f"`{run.request.command('backfill', run.contract.dataset, '--stale')}` reads them again"
        run.outcome.notes.append(f"{len(stale)} objects were read under an older contract; {remedy}")


def choose(
    contract: Contract,
    ledger: Ledger,
    found: Sequence[StoredObject],
    *,
    full: bool = False,
    again: Sequence[StoredObject] | None = None,
) -> Choice:
    """New and changed objects; for `overwrite` all objects as soon as one is new or changed; with `full` always all.

    With `again` exactly these objects, also when the ledger has them (for `overwrite` all objects if there is any).

    Raises `RunFailed` when there was never anything to read, and with `full` when an object of the ledger is gone.
    """
    if not found and ledger.pointer is None:
        remedy = f"Put files below `{contract.path}` in the source, or correct `source.path`."
        raise RunFailed(f"no file matches `{contract.path}`", where=contract.file, remedy=remedy)
    news = ledger.news(found, contract.hash) if again is None else again
    gone, rewritten = ledger.gone(found), ledger.rewritten(news)
    # A row stands for every file that has it, and the table names the first only: a rewritten one decides about all.
    full = full or bool(contract.distinct and contract.mode == "append" and rewritten)
    if full and gone:
        shown = ", ".join(f"`{path}`" for path in gone[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
        remedy = "Restore the objects; a rebuild without them would lose their rows."
        raise RunFailed(
            f"a full rebuild needs {len(gone)} objects that are gone: {shown}", where=contract.file, remedy=remedy
        )
    if full:
        return Choice(tuple(found), (), whole=True, ledger=ledger.pointer)
    if contract.mode == "overwrite":
        return Choice(tuple(found) if news else (), (), whole=True, gone=tuple(gone), ledger=ledger.pointer)
    return Choice(tuple(news), tuple(rewritten), False, tuple(gone), ledger.pointer)
