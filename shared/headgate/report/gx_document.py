"""Great Expectations' result document of one dataset in one run: row checks and table-level checks together."""

from __future__ import annotations

from typing import Any

from headgate.checks.check import REFERENCE
from headgate.checks.suite import result_document
from headgate.outcome import Outcome
from headgate.report.facts import RunFacts

TYPE_CHECK = "type"  # the check of a column's own type, for which Great Expectations has no expectation
_NOT_THEIRS = (TYPE_CHECK, REFERENCE)


def gx_document(run: RunFacts, o: Outcome) -> dict[str, Any]:
    """The document in Great Expectations' format, without types and references; `meta` counts those."""
    expectations = [result for result in o.checks if result.check.expect not in _NOT_THEIRS]
    left_out = {result.check.id: result.unexpected_count for result in o.checks if result.check.expect in _NOT_THEIRS}
    meta: dict[str, Any] = {
        "run_id": {"run_name": run.run, "run_time": run.started},
        "headgate": {"dataset": o.dataset, "status": o.status},
    }
    if left_out:
        meta["headgate"]["left_out"] = {
            "why": "Great Expectations has no expectation for a column's own type and for references; see run.json.",
            "unexpected_count": left_out,
        }
    return result_document(o.dataset, expectations, meta)
