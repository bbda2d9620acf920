"""Files judged as a whole: by the share of their rows that the gate refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame

from headgate.columns import KEPT, OBJECT, REFUSED
from headgate.frame import DatasetRun
from headgate.gate.whole_files import WholeFiles, refusing_files
from headgate.read import RefusedFile
from headgate.refine.absent import lacking
from headgate.refine.intake import Batch
from headgate.refine.waiting import name_files


@dataclass(frozen=True)
class Share:
    """How many rows of a file were refused, of those that were judged; skipped rows do not count."""

    refused: int
    kept: int

    @property
    def judged(self) -> int:
        """Rows that were judged."""
        return self.refused + self.kept

    def exceeds(self, bound: float) -> bool:
        """True when more rows were refused than the bound allows; an equal share passes."""
        return self.judged > 0 and self.refused / self.judged > bound  # 0.29 * 100 is a little less than 29

    def over(self, bound: float) -> str:
        """Why the file is refused."""
        rows = f"{self.refused:,} of {self.judged:,} rows refused ({self.refused / (self.judged or 1):.1%})"
        return f"{rows}, at most {bound:.1%} of a file may be (`at_most_per_file`)"

    @property
    def emptied(self) -> str:
        """Why no row of the file is left."""
        return f"all {self.judged:,} rows were refused" if self.judged > 1 else "its only row was refused"


def judge_files(run: DatasetRun, batch: Batch) -> Batch:
    """Refuse the files of which too many rows were refused, and name those of which no row is left.

    The rows of such a file go into the quarantine, all of them. Where no file would be left, none is refused here: the
    dataset's `at_most` decides about the rows, and a bound that the contract names closes the gate (`no_file_left`).
    """
    absent = {file.object.path: file.reason for file in lacking(run, batch)}
    shares = _shares(run, batch, absent)
    if not shares:
        return batch
    bound = run.contract.most_of_a_file
    out = {path: share.over(bound) for path, share in shares.items() if share.exceeds(bound)} | absent
    if len(out) == len(batch.objects) and run.contract.at_most_per_file is None:
        out = absent
    left = [file for file in batch.objects if file.path not in out]
    emptied = [RefusedFile(file, shares[file.path].emptied) for file in left if _is_empty(shares.get(file.path))]
    refused = [RefusedFile(file, out[file.path]) for file in batch.objects if file.path in out]
    name_files(run, batch.waiting, [*batch.refused, *refused], emptied)
    if refused and not left:
        return replace(batch, no_file_left=_no_file_left(refused))
    files = WholeFiles(tuple(out), sum(shares[path].judged for path in out))
    judged = refusing_files(batch.judged, files)
    return replace(batch, judged=judged, objects=left, refused=[*batch.refused, *refused], emptied=emptied)


def _is_empty(share: Share | None) -> bool:
    return share is not None and not share.kept


def _no_file_left(refused: Sequence[RefusedFile]) -> str:
    others = f", and so are {len(refused) - 1} more files" if len(refused) > 1 else ""
    return f"no file is left: `{refused[0].object.path}` is refused, {refused[0].reason}{others}"


def _shares(run: DatasetRun, batch: Batch, others: Collection[str]) -> Mapping[str, Share]:
    """The files with refused rows, and `others`; nothing is counted where there are none."""
    refused = _rows_by_file(batch.judged.rows(REFUSED))
    if not (refused or others):
        return {}
    kept = _rows_by_file(batch.judged.rows(KEPT))
    return {path: Share(refused.get(path, 0), kept.get(path, 0)) for path in sorted({*refused, *others})}


def _rows_by_file(rows: DataFrame) -> dict[str, int]:
    return {row[OBJECT]: row["count"] for row in rows.groupBy(OBJECT).count().collect()}
