"""The answer of `headgate estimate` as JSON."""

from __future__ import annotations

import json
from typing import Any

from headgate.cost.answer import Answer
from headgate.cost.compare import Change
from headgate.cost.estimate import Estimate


def as_document(answer: Answer) -> str:
    """The answer as one JSON document; `estimate` is always true."""
    month = answer.month
    content = {
        "estimate": True,
        "prices": {"as_of": answer.prices.as_of, "region": answer.prices.region, "currency": "USD"},
        "datasets": {each.dataset: _as_dict(each) for each in answer.estimates},
        "month": {
            "runs": round(month.runs, 1),
            "jobs": _round(month.jobs),
            "maintain": _round(month.maintain),
            "step_functions": _round(month.transitions),
            "stored_bytes": month.stored,
            "storage": _round(month.storage),
            "total": _round(month.total),
        },
        "against": answer.against,
        "changes": [_as_change(change) for change in answer.changes],
        "advice": list(answer.advice),
        "notes": list(answer.notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _as_dict(each: Estimate) -> dict[str, Any]:
    work, job = each.work, each.job
    return {
        "worker": job.worker,
        "workers": job.workers,
        "execution": job.execution,
        "schedule": each.contract.schedule.refine,
        "seconds": round(each.seconds, 3),
        "seconds_largest": round(each.largest, 3),
        "seconds_from": work.basis,
        "runs_measured": len(work.runs),
        "bytes_read": work.read,
        "dpu_seconds": round(each.dpu_seconds, 1),
        "usd_per_run": _round(each.usd),
        "usd_largest_run": _round(each.largest_usd),
        "runs_per_month": round(each.runs, 1),
        "runs_assumed": each.runs_assumed,
        "usd_per_month": _round(each.month),
    }


def _as_change(change: Change) -> dict[str, Any]:
    return {
        "dataset": change.dataset,
        "what": list(change.what),
        "before": _as_dict(change.before) if change.before else None,
        "after": _as_dict(change.after) if change.after else None,
        "usd_per_month": _round(change.month),
    }


def _round(usd: float) -> float:
    return round(usd, 6)
