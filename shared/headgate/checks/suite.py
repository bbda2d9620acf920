"""Checks and their results in Great Expectations' own formats, without importing Great Expectations.

A suite can be loaded by GX itself; Headgate's `otherwise`, scope and limits are in each expectation's `meta`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from headgate.checks.check import Check, CheckResult
from headgate.checks.table import GX_VERSION

_SEVERITY = {"stop": "critical", "quarantine": "warning", "warn": "info"}
_NO_EXCEPTION = {"raised_exception": False, "exception_message": None, "exception_traceback": None}


def suite_document(name: str, checks: Sequence[Check], meta: Mapping[str, Any]) -> dict[str, Any]:
    """An expectation suite as GX writes it: row checks and table-level checks, in the order of the contract."""
    return {
        "name": name,
        "expectations": [expectation(check) for check in checks],
        "meta": {"great_expectations_version": GX_VERSION, **plain(meta)},
        "notes": None,
    }


def expectation(check: Check) -> dict[str, Any]:
    """One expectation of a suite, as GX writes it."""
    kwargs = {**check.kwargs, **({} if check.mostly is None else {"mostly": check.mostly})}
    ours = {"id": check.id, "otherwise": check.otherwise, "scope": check.scope, "at_most": check.at_most}
    return {
        "type": check.expect,
        "kwargs": plain(kwargs),
        "meta": {"headgate": {key: value for key, value in ours.items() if value is not None}},
        "severity": _SEVERITY[check.otherwise],
    }


def result_document(suite_name: str, results: Sequence[CheckResult], meta: Mapping[str, Any]) -> dict[str, Any]:
    """A validation result as GX writes it, row checks and table-level checks together."""
    held = sum(result.success for result in results)
    return {
        "success": held == len(results),
        "results": [_result(result) for result in results],
        "suite_name": suite_name,
        "suite_parameters": {},
        "statistics": {
            "evaluated_expectations": len(results),
            "successful_expectations": held,
            "unsuccessful_expectations": len(results) - held,
            "success_percent": _percent(held, len(results)),
        },
        "meta": {"great_expectations_version": GX_VERSION, **plain(meta)},
        "id": None,
    }


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "success": result.success,
        "expectation_config": expectation(result.check),
        "result": plain(result.details) if result.details else _counts(result),
        "meta": {},
        "exception_info": dict(_NO_EXCEPTION),
    }


def _counts(result: CheckResult) -> dict[str, Any]:
    """GX's `result` of a row-level expectation, from counts; a percentage of nothing is None."""
    if result.unexpected_count is None or result.element_count is None:
        return {} if result.observed_value is None else {"observed_value": plain(result.observed_value)}
    rows, unexpected, missing = result.element_count, result.unexpected_count, result.missing_count
    of_considered = _percent(unexpected, rows - (missing or 0))
    counts = {"element_count": rows, "unexpected_count": unexpected, "unexpected_percent": of_considered}
    counts["partial_unexpected_list"] = plain(list(result.samples))
    if missing is None:
        return counts
    return {
        **counts,
        "missing_count": missing,
        "missing_percent": _percent(missing, rows),
        "unexpected_percent_total": _percent(unexpected, rows),
        "unexpected_percent_nonmissing": of_considered,
    }


def _percent(part: int, whole: int) -> float | None:
    return part / whole * 100 if whole else None


def plain(value: Any) -> Any:
    """The value in JSON's own types: dates as ISO texts, decimals as numbers, NaN and infinity as texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    item = getattr(value, "item", None)  # a numpy scalar
    return plain(item()) if callable(item) else str(value)
