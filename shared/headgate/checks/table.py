"""The table of checks: every Great Expectations core expectation, one row each, and what Headgate does with it.

To add a check type, add its row to `row_checks.py`, `table_checks.py` or `refused_checks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headgate.checks.check import Check
from headgate.checks.check_type import CheckType
from headgate.checks.refused_checks import REFUSED_CHECKS
from headgate.checks.row_checks import ROW_CHECKS
from headgate.checks.table_checks import TABLE_CHECKS

GX_VERSION = "1.24.1"
"""The release of Great Expectations that the table describes; a test compares it with the installed one."""

CHECKS: Mapping[str, CheckType] = {
    check_type.expect: check_type
    for check_type in sorted((*ROW_CHECKS, *TABLE_CHECKS, *REFUSED_CHECKS), key=lambda row: row.expect)
}
"""Expectation type -> its row."""


def with_reason(check: Check) -> Check:
    """The row check with the reason that a refused row gets, for example `amount: below 0`."""
    reason = CHECKS[check.expect].reason
    assert reason, f"`{check.expect}` is not a row check"
    return replace(check, reason=f"{', '.join(check.columns)}: {reason(check.kwargs)}")
