"""Read the chosen objects once: judge their rows and write them aside, and report the files that are refused whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns, read
from headgate.columns import FILE_REFUSED, REASONS
from headgate.frame import DatasetRun, judge_rows
from headgate.gate.decision import closed
from headgate.gate.judged import JudgedRows
from headgate.gate.keys import masking_keys
from headgate.lake.storage import Storage, StoredObject
from headgate.read import RefusedFile
from headgate.refine.choose import Choice

_SHOWN = 3  # refused files that a message names


@dataclass(frozen=True)
class Batch:
    """What was read: the judged rows, the objects they came from, the refused files, and how to count rows again."""

    judged: JudgedRows
    objects: Sequence[StoredObject]
    refused: Sequence[RefusedFile]
    recount: Callable[[], int]


def read_batch(run: DatasetRun, source: Storage, choice: Choice) -> Batch:
    """Read the chosen objects once and write their judged rows aside.

    A file that cannot be used is refused and the others are read, if need be again without it. Raises `GateClosed` when
    no file is left or the contract says `unreadable: stop`.
    """
    keys = masking_keys(run.lake, run.contract, first=not run.table.exists)
    left, refused = list(choice.objects), list[RefusedFile]()
    while True:
        plan = read.plan(run.contract, source, left, run.lake.storage.uri(f"{run.work}/normal"))
        left = _refuse(run, refused, plan.refused, left)
        rows = read.frame(run.session, run.contract, plan)
        try:
            judged = judge_rows(run, rows, keys)
        except Exception as error:
            broken = read.broken_file(error, left)
            if broken is None:
                raise
            cut_short = RefusedFile(broken, "is cut short or broken: it could not be read to its end")
            refused.append(cut_short)
            left = _without(left, [cut_short])
            continue
        left = _refuse(run, refused, _refused_while_read(run, judged, left), left)
        run.outcome.drift = plan.drift.as_dict()
        return Batch(judged, left, refused, _counting(rows))


def _counting(rows: DataFrame) -> Callable[[], int]:
    return lambda: rows.where(F.col(columns.FILE_FAULT).isNull()).count()


def _refused_while_read(run: DatasetRun, judged: JudgedRows, objects: Sequence[StoredObject]) -> list[RefusedFile]:
    """Documents that turned out to be unreadable: each has left one marker row and no other."""
    if not judged.observed["files"]:
        return []
    reason = F.col(REASONS)[0].alias("reason")
    markers = judged.rows(run.session, FILE_REFUSED).select(columns.OBJECT, reason).collect()
    by_path = {stored.path: stored for stored in objects}
    return [RefusedFile(by_path[marker[columns.OBJECT]], marker["reason"]) for marker in markers]


def _refuse(
    run: DatasetRun, refused: list[RefusedFile], more: Sequence[RefusedFile], objects: Sequence[StoredObject]
) -> list[StoredObject]:
    """Add `more` to the refused files, put them into the outcome, and return the objects that are left."""
    refused += more
    left = _without(objects, more)
    run.outcome.files_refused = len(refused)
    listed = [{"path": file.object.path, "bytes": file.object.size, "reason": file.reason} for file in refused]
    run.outcome.objects = {**run.outcome.objects, "refused": listed}
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
