"""Great Expectations' result document of one dataset in one run: row checks and table-level checks together."""

from __future__ import annotations

from typing import Any

from headgate.checks.suite import result_document
from headgate.outcome import Outcome
from headgate.report.facts import RunFacts

OWN = "type"  # the check of a column's own type, which Great Expectations has no expectation for


def gx_document(run: RunFacts, o: Outcome) -> dict[str, Any]:
    """The document in Great Expectations' format; type checks are left out, and `meta` says so with their counts."""
    expectations = [one for one in o.checks if one.check.expect != OWN]
    left_out = {one.check.id: one.unexpected_count for one in o.checks if one.check.expect == OWN}
    meta: dict[str, Any] = {
        "run_id": {"run_name": run.run, "run_time": run.started},
        "headgate": {"dataset": o.dataset, "status": o.status},
    }
    if left_out:
        meta["headgate"]["left_out"] = {
            "why": "Great Expectations has no expectation for a text that is not of its column's type; see run.json.",
            "unexpected_count": left_out,
        }
    return result_document(o.dataset, expectations, meta)
