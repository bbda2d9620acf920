"""Read the chosen objects once: judge their rows and write them aside, and report the files that are refused whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns, read
from headgate.columns import FILE_REFUSED, REASONS
from headgate.frame import DatasetRun, judge_rows
from headgate.gate.decision import closed
from headgate.gate.judged import JudgedRows
from headgate.gate.key_versions import key_versions, require_same_keys
from headgate.gate.keys import masking_keys
from headgate.gate.tally import without_headers
from headgate.lake.ledger import Entry, read_ledger
from headgate.lake.storage import Storage, StoredObject
from headgate.read import RefusedFile
from headgate.refine.choose import Choice
from headgate.refine.waiting import name_files
from headgate.spark.errors import is_of_the_machine

_SHOWN = 3  # refused files that a message names


@dataclass(frozen=True)
class Batch:
    """What was read: the judged rows, the objects they came from, the refused files, and how to count rows again.

    `emptied` are files without a row that was kept, with the reason; `waiting` those of earlier runs. `no_file_left` is
    the reason why none of the files that were read can be published. `kept` is how many rows the gate kept.
    """

    judged: JudgedRows
    objects: Sequence[StoredObject]
    refused: Sequence[RefusedFile]
    recount: Callable[[], int]
    waiting: Sequence[Entry] = ()
    emptied: Sequence[RefusedFile] = ()
    no_file_left: str | None = None
    kept: int = 0


def read_batch(run: DatasetRun, source: Storage, choice: Choice) -> Batch:
    """Read the chosen objects once and write their judged rows aside.

    A file that cannot be used is refused and the others are read, if need be again without it. Raises `GateClosed` when
    no file is left or the contract says `unreadable: stop`.
    """
    keys = _keys(run, choice)
    left, refused, framed = list(choice.objects), list[RefusedFile](), set[str]()
    known: read.Known = {}
    while True:
        plan = read.plan(run.contract, source, left, run.lake.storage.uri(f"{run.work}/normal"), framed, known)
        left = _refuse(run, choice, refused, plan.refused, left)
        rows = read.frame(run.session, run.contract, plan)
        try:
            judged = judge_rows(run, rows, keys)
        except Exception as error:
            broken = read.broken_files(error, run.contract, plan.files) or _failing(run, error, plan)
            if not broken:
                raise
            left = _refuse(run, choice, refused, broken, left)
            continue
        marked = _refused_while_read(run, judged, left)
        again = {file.object.path for file in marked if file.reason == read.MUST_FRAME} - framed
        if again:
            framed |= again
            continue
        left = _refuse(run, choice, refused, marked, left)
        if marked and (plan.leaves_rows or any(plan.parts(file.object) > 1 for file in marked)):
            continue  # the refused files have left rows, or other members of their zip file have
        run.outcome.drift = plan.drift.as_dict()
        run.outcome.notes += _told(plan)
        judged = replace(judged, observed=without_headers(judged.observed, plan.header_lines))
        return Batch(judged, left, refused, _counting(rows, plan.header_lines), choice.waiting)


def _keys(run: DatasetRun, choice: Choice) -> dict[str, bytes]:
    """The masking keys; those of a table that is not rebuilt must be the keys that masked it."""
    keys = masking_keys(run.lake, run.contract, first=not run.table.exists)
    run.outcome.key_versions = key_versions(keys)
    if keys and not choice.whole:
        ledger = read_ledger(run.lake.storage, run.contract.dataset, choice.ledger)
        require_same_keys(run.contract, ledger, run.outcome.key_versions)
    return keys


def _failing(run: DatasetRun, error: Exception, plan: read.Plan) -> list[RefusedFile]:
    """Where the error names no file: those that fail by themselves, unless the machine failed."""
    if is_of_the_machine(error):
        return []
    objects = sorted({file.object for file in read.failing(run.session, run.contract, plan)})
    return [RefusedFile(stored, read.CUT_SHORT) for stored in objects]


def _counting(rows: DataFrame, headers: int) -> Callable[[], int]:
    return lambda: rows.where(F.col(columns.FILE_FAULT).isNull()).count() - headers


def _refused_while_read(run: DatasetRun, judged: JudgedRows, objects: Sequence[StoredObject]) -> list[RefusedFile]:
    """Files that turned out to be unreadable: each has left marker rows, of which one reason is enough.

    A file that must be framed is judged then.
    """
    if not judged.observed["files"]:
        return []
    first = F.col(REASONS)[0]
    must_frame = F.max(F.when(first == read.MUST_FRAME, first))
    reason = F.coalesce(must_frame, F.min(first)).alias("reason")
    markers = judged.rows(FILE_REFUSED).groupBy(columns.OBJECT).agg(reason).collect()
    by_path = {stored.path: stored for stored in objects}
    reasons = {marker[columns.OBJECT]: marker["reason"] for marker in markers}
    return [RefusedFile(by_path[path], reason) for path, reason in reasons.items()]


def _told(plan: read.Plan) -> list[str]:
    """Notes about columns that are in a file and in its path."""
    return [
        f"`{name}` is in {seen['files']} files and in their paths (`{seen['first']}`); the files' values are read"
        for name, seen in plan.drift.also_in_path.items()
    ]


def _refuse(
    run: DatasetRun,
    choice: Choice,
    refused: list[RefusedFile],
    more: Sequence[RefusedFile],
    objects: Sequence[StoredObject],
) -> list[StoredObject]:
    """Add `more` to the refused files, put them into the outcome, and return the objects that are left."""
    refused += more
    left = _without(objects, more)
    name_files(run, choice.waiting, refused)
    if refused and (not left or run.contract.source.unreadable == "stop"):
        raise closed(run.contract, _reasons(refused, left))
    return left


def _without(objects: Sequence[StoredObject], refused: Sequence[RefusedFile]) -> list[StoredObject]:
    out = {file.object.path for file in refused}
    return [stored for stored in objects if stored.path not in out]


def _reasons(refused: Sequence[RefusedFile], left: Sequence[StoredObject]) -> list[str]:
    shown = [f"`{file.object.path}` refused: {file.reason}" for file in refused[:_SHOWN]]
    more = [f"and {len(refused) - _SHOWN} more files"] if len(refused) > _SHOWN else []
    return [*shown, *more, *([] if left else ["no file is left"])]
