"""A few values behind each failed row check, for the report; classified columns show their masked text only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from headgate.checks.check import CheckResult
from headgate.columns import KEPT, REASONS, REFUSED, VALUES, WARNINGS
from headgate.contract.model import Contract
from headgate.gate.judged import JudgedRows
from headgate.gate.mask import REDACTED

PER_CHECK = 20  # as many as Great Expectations' partial lists
_LOOKED_AT = 500


def with_samples(judged: JudgedRows, contract: Contract, results: Sequence[CheckResult]) -> list[CheckResult]:
    """The results, with up to 20 values each of rows that failed. Two small reads at most, none where all passed."""
    failed = [result for result in results if result.unexpected_count]
    if not failed:
        return list(results)
    refused = _some(judged.rows(REFUSED).select(REASONS, VALUES))
    warned_ids = {
        result.check.id for result in failed if result.check.otherwise == "warn" or result.check.mostly is not None
    }
    with_warning = judged.rows(KEPT).where(F.col(WARNINGS).isNotNull())
    warned = _some(with_warning.select(WARNINGS, VALUES)) if warned_ids else []
    return [_with(result, refused, warned, contract) if result.unexpected_count else result for result in results]


def _some(rows: DataFrame) -> list[Row]:
    return rows.limit(_LOOKED_AT).collect()


def _with(result: CheckResult, refused: Sequence[Row], warned: Sequence[Row], contract: Contract) -> CheckResult:
    names = result.check.columns
    from_refused = [
        _came(row[VALUES], names, contract) for row in refused if result.check.reason in (row[REASONS] or ())
    ]
    from_kept = [_came(row[VALUES], names, contract) for row in warned if result.check.id in (row[WARNINGS] or ())]
    return replace(result, samples=tuple([*from_refused, *from_kept][:PER_CHECK]))


def _came(values: dict[str, str] | None, names: Sequence[str], contract: Contract) -> object:
    texts = [_source_text(values or {}, name, contract) for name in names]
    return texts[0] if len(texts) == 1 else texts


def _source_text(values: dict[str, str], name: str, contract: Contract) -> str | None:
    column = contract.column(name)
    if column.classification:
        return REDACTED
    return values.get(column.source_name) if column.derived is None else "(derived)"
