"""Great Expectations' result document of one dataset in one run: row checks and table-level checks together."""

from __future__ import annotations

from typing import Any

from headgate.checks.suite import result_document
from headgate.outcome import Outcome
from headgate.report.facts import RunFacts

TYPE_CHECK = "type"  # the check of a column's own type, for which Great Expectations has no expectation


def gx_document(run: RunFacts, o: Outcome) -> dict[str, Any]:
    """The document in Great Expectations' format, without type checks; `meta` lists those with their counts."""
    expectations = [result for result in o.checks if result.check.expect != TYPE_CHECK]
    left_out = {result.check.id: result.unexpected_count for result in o.checks if result.check.expect == TYPE_CHECK}
    meta: dict[str, Any] = {
        "run_id": {"run_name": run.run, "run_time": run.started},
        "headgate": {"dataset": o.dataset, "status": o.status},
    }
    if left_out:
        meta["headgate"]["left_out"] = {
            "why": "Great Expectations has no expectation for texts that are not of their column's type; see run.json.",
            "unexpected_count": left_out,
        }
    return result_document(o.dataset, expectations, meta)
