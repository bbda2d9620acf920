"""Audit: Great Expectations itself runs the table-level checks on data that no reader can see yet."""

from __future__ import annotations

from pyspark.sql import DataFrame

from headgate.checks.check import CheckResult
from headgate.contract.model import Contract


def audited(contract: Contract, batch: DataFrame, table: DataFrame) -> list[CheckResult]:
    """Check this run's rows and the whole table as it would be. Great Expectations is loaded only when needed."""
    of_batch = [check for check in contract.table_checks if check.scope == "batch"]
    of_table = [check for check in contract.table_checks if check.scope == "table"]
    if not of_batch and not of_table:
        return []
    from headgate.checks.audit import audit

    names = [column.name for column in contract.columns]
    results = audit(batch.select(*names), of_batch) if of_batch else []
    return [*results, *(audit(table.select(*names), of_table) if of_table else [])]
