"""Judged rows of files that are refused as a whole: what was kept of them is refused as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.checks.check import CheckResult
from headgate.columns import KEPT, OBJECT, REASONS, RECORD, REFUSED, VALUES, VERDICT
from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.gate.judged import JudgedRows

REASON = "the whole file is refused"


@dataclass(frozen=True)
class WholeFiles:
    """Files that are refused after their rows were judged, and how many rows these were."""

    paths: Sequence[str]
    rows: int


def refusing_files(judged: JudgedRows, files: WholeFiles) -> JudgedRows:
    """The same judged rows, those of `files` all refused; a row that was kept gets the reason and its values."""
    if not files.paths:
        return judged

    def revise(rows: DataFrame) -> DataFrame:
        return refusing(rows, F.col(OBJECT).isin(*files.paths), REASON, judged.gate.contract)

    return replace(judged, revisions=(*judged.revisions, revise), files=files)


def refusing(rows: DataFrame, which: Column, reason: str | Column, contract: Contract) -> DataFrame:
    """Refuse the kept rows of which `which` is true, with this reason and the values that would be published.

    A column of reasons is an array of texts.
    """
    reasons = F.array(F.lit(reason)) if isinstance(reason, str) else reason
    taken = which & (F.col(VERDICT) == KEPT)
    texts = [(spec.name, _text(spec)) for spec in contract.published]
    values = F.map_filter(F.create_map(*(part for name, text in texts for part in (F.lit(name), text))), _is_there)
    hashed = F.sha2(F.concat_ws("\x1f", *(F.coalesce(text, F.lit("\x00")) for _, text in texts)), 256)
    return rows.withColumns({
        REASONS: F.when(taken, reasons).otherwise(F.col(REASONS)),
        VALUES: F.when(taken, values).otherwise(F.col(VALUES)),
        RECORD: F.when(taken, hashed).otherwise(F.col(RECORD)),
        VERDICT: F.when(taken, REFUSED).otherwise(F.col(VERDICT)),
    })  # fmt: skip


def of_other_files(judged: JudgedRows, refused: DataFrame, results: Sequence[CheckResult]) -> list[CheckResult]:
    """The results without the rows of files that are refused whole, where a check has a bound of its own."""
    bounded = [result for result in results if result.check.at_most is not None and result.unexpected_count]
    if judged.files is None or not bounded:
        return list(results)
    reasons = [result.check.reason for result in bounded]
    left = refused.where(~F.col(OBJECT).isin(*judged.files.paths))
    counts = left.agg(*(F.count_if(F.array_contains(REASONS, reason)) for reason in reasons)).first() or ()
    failing = dict(zip(reasons, counts, strict=True))
    return [
        replace(result, unexpected_count=failing[result.check.reason]) if result in bounded else result
        for result in results
    ]


def _text(spec: Spec) -> Column:
    value = F.col(spec.name)
    nested = spec.nested and not spec.classification
    return F.to_json(value) if nested else value.cast("string")


def _is_there(_: Column, text: Column) -> Column:
    return text.isNotNull()
