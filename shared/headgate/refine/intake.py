"""Intake: the chosen objects are read once and written aside, refused files are told, and the gate decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns, read
from headgate.columns import FILE_REFUSED, KEPT, REASONS, REFUSED
from headgate.gate.decision import closed, require_open_gate
from headgate.gate.judge import gate
from headgate.gate.judged import JudgedRows, write_judged
from headgate.gate.keys import masking_keys
from headgate.gate.quarantine import keep_refused
from headgate.gate.samples import with_samples
from headgate.lake.storage import StoredObject
from headgate.read import RefusedFile
from headgate.refine.choose import Choice
from headgate.refine.state import Refinery


@dataclass(frozen=True)
class Intake:
    """What was read: the rows written aside, the objects they came from, the files refused, and how to count again."""

    staged: JudgedRows
    objects: Sequence[StoredObject]
    refused: Sequence[RefusedFile]
    recount: Callable[[], int]


def take_in(r: Refinery, choice: Choice) -> Intake:
    """Read the objects once and write their rows aside; an object that breaks is refused and the rest read again."""
    keys = masking_keys(r.lake, r.contract, first=not r.table.exists)
    left, refused = list(choice.objects), list[RefusedFile]()
    while True:
        plan = read.plan(r.contract, r.source, left, r.lake.storage.uri(f"{r.work}/normal"))
        refused += plan.refused
        left = _without(left, plan.refused)
        _tell_refused(r, refused, left)
        place = r.lake.place(f"{r.work}/staged")
        rows = read.frame(r.session, r.contract, plan)
        try:
            staged = write_judged(rows, gate(r.contract), keys, r.request.run, place)
        except Exception as error:
            broken = read.broken_file(error, left)
            if broken is None:
                raise
            refused.append(RefusedFile(broken, "is cut short or broken: it could not be read to its end"))
            left = _without(left, refused)
            continue
        found = _refused_while_read(r, staged, left)
        refused += found
        left = _without(left, found)
        _tell_refused(r, refused, left)
        r.outcome.drift = plan.drift.as_dict()
        return Intake(staged, left, refused, _counting(rows))


def _counting(rows: DataFrame) -> Callable[[], int]:
    return lambda: rows.where(F.col(columns.FILE_FAULT).isNull()).count()


def hold(r: Refinery, intake: Intake) -> None:
    """Count what lies aside, keep the refused rows, and decide whether the others may go on."""
    o, staged = r.outcome, intake.staged
    o.read, o.skipped = staged.observed["read"], staged.observed["skipped"]
    kept = staged.rows(r.session, KEPT).count()
    o.quarantined = staged.rows(r.session, REFUSED).count()
    o.checks = with_samples(r.session, staged, r.contract, gate(r.contract).results(staged.observed))
    if o.quarantined:
        keep_refused(staged.rows(r.session, REFUSED), r.lake, r.contract.dataset, r.request.run)
    r.request.log(
        "staged", dataset=r.contract.dataset, read=o.read, kept=kept, quarantined=o.quarantined, skipped=o.skipped
    )
    require_open_gate(r.contract, read=o.read, kept=kept, refused=o.quarantined, results=o.checks)


def _refused_while_read(r: Refinery, staged: JudgedRows, objects: Sequence[StoredObject]) -> list[RefusedFile]:
    """Documents that turned out to be unreadable: each has left one marker row and no other."""
    if not staged.observed["files"]:
        return []
    marks = staged.rows(r.session, FILE_REFUSED).select(columns.OBJECT, F.col(REASONS)[0].alias("reason")).collect()
    by_path = {one.path: one for one in objects}
    return [RefusedFile(by_path[mark[columns.OBJECT]], mark["reason"]) for mark in marks]


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
