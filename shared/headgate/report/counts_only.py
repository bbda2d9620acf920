"""A run record without a value of any row: for readers who may see counts, but no refused rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WITHHELD = "The full report, which engineers may read, says why."


def counts_only(record: Mapping[str, Any]) -> dict[str, Any]:
    """The same record, with the same keys. What may quote a row is empty, or says where to look instead."""
    return {
        **record,
        "error": _problem(record["error"]),
        "datasets": {name: _dataset(dataset) for name, dataset in record["datasets"].items()},
    }


def _dataset(dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **dataset,
        "reason": dataset["reason"] and _reason(dataset),
        "error": _problem(dataset["error"]),
        "checks": [_check(check) for check in dataset["checks"]],
        "objects": _objects(dataset["objects"]),
        "notes": [],
    }


def _reason(dataset: Mapping[str, Any]) -> str:
    """Of a closed gate the checks that closed it, with their counts; other reasons may quote a row."""
    closed = [check for check in dataset["checks"] if check["effect"] == "closed"]
    shown = [f"`{check['id']}`: {check['unexpected_count'] or 0:,} rows" for check in closed]
    return f"closed by {', '.join(shown)}" if shown else WITHHELD


def _problem(problem: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {**problem, "what": WITHHELD} if problem else None


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    """A check of a column has observed a value of it, such as its maximum; a check of the whole table has counted."""
    return {**check, "samples": [], "observed_value": None if _of_columns(check) else check["observed_value"]}


def _of_columns(check: Mapping[str, Any]) -> bool:
    return any(name.startswith("column") for name in check["kwargs"])


def _objects(objects: Mapping[str, Any]) -> dict[str, Any]:
    """A file without a header may be refused with its first row's values as the reason."""
    files = {kind: [{**file, "reason": WITHHELD} for file in objects[kind]] for kind in ("refused", "emptied")}
    return {**objects, **files, "further": {}}
