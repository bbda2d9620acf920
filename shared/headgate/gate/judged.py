"""Judged rows: one pass reads the input; kept rows stay in its shuffle, refused rows are written to the work folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate.checks.check import CheckResult
from headgate.columns import FILE_REFUSED, KEPT, REFUSED, VERDICT
from headgate.gate.gate import Gate
from headgate.gate.judge import judged, typed
from headgate.gate.mask import Keys
from headgate.gate.written_rows import written
from headgate.spark.once import computed_once, counted, written_down

if TYPE_CHECKING:
    from headgate.gate.whole_files import WholeFiles


@dataclass(frozen=True)
class JudgedRows:
    """Judged rows by verdict, with the gate that judged them and the counts of the pass.

    `held` has all of them, brought together by the key; `aside` has those that were not kept again, so that the few
    of them are read without the many. `revisions` refuse kept rows for reasons that only several rows together give;
    `files` were refused whole. `references` are the results of references to other datasets.
    """

    gate: Gate
    held: DataFrame
    aside: DataFrame
    observed: Mapping[str, int]
    revisions: tuple[Callable[[DataFrame], DataFrame], ...] = ()
    files: WholeFiles | None = None
    references: Sequence[CheckResult] = ()

    def rows(self, verdict: str) -> DataFrame:
        """The rows of one verdict as they were written, and revised."""
        if verdict == KEPT:
            return self._revised().where(F.col(VERDICT) == KEPT).drop(VERDICT)
        found = self.aside.where(F.col(VERDICT) == verdict)
        if verdict == REFUSED and self.revisions:
            found = found.unionByName(self._revised().where(F.col(VERDICT) == REFUSED))
        return found.drop(VERDICT)

    def with_references(
        self, results: Sequence[CheckResult], revisions: tuple[Callable[[DataFrame], DataFrame], ...]
    ) -> JudgedRows:
        """The same rows with the results of references, and what they revise."""
        return replace(self, references=tuple(results), revisions=revisions)

    def kept(self) -> int:
        """How many rows are kept: by the counts of the pass, unless rows were refused since."""
        return self.rows(KEPT).count() if self.revisions else self.observed["kept"]

    def _revised(self) -> DataFrame:
        """The rows that the gate kept, those among them refused that only other rows show to be wrong."""
        rows = self.held.where(F.col(VERDICT) == KEPT)
        for revise in self.revisions:
            rows = revise(rows)
        return rows


def write_judged(raw: DataFrame, gate: Gate, keys: Keys, run: str, place: str) -> JudgedRows:
    """Type, judge and mask `raw`, hold its rows, and write those that are not kept to `place`. Reads the input once."""
    rows = counted(typed(raw, gate.contract).transform(judged, gate), gate.metrics())
    wanted = rows.where(F.col(VERDICT).isin(KEPT, REFUSED, FILE_REFUSED)).transform(written, gate, keys, run)
    held, counts = computed_once(wanted, gate.contract.key)
    aside = held.where(F.col(VERDICT) != KEPT)
    if counts["judged"] == counts["kept"] and not counts["files"]:
        return JudgedRows(gate, held, aside.where("false"), counts)
    return JudgedRows(gate, held, written_down(aside, place), counts)
