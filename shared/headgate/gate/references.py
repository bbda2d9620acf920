"""References: rows that refer to something that is not there are orphans, and get the verdict of the contract.

Keys are compared as they are published, so masked keys are compared masked. A row in which a part of the reference has
no value refers to nothing, and is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.checks.check import REFERENCE, Check, CheckResult
from headgate.columns import DELETES, KEPT, ORPHAN, VERDICT
from headgate.contract.model import Contract, Reference
from headgate.gate.judged import JudgedRows
from headgate.gate.mask import REDACTED
from headgate.gate.samples import PER_CHECK
from headgate.gate.whole_files import refusing

WriteDown = Callable[[DataFrame, str], DataFrame]
"""Writes rows into the run's work folder, and reads them back from there."""


def orphan_keys(rows: DataFrame, targets: DataFrame, columns: Sequence[str], on: Sequence[str]) -> DataFrame:
    """The distinct values of `columns` in `rows` that no row of `targets` has in `on`; those without a null part."""
    there = reduce(and_, [F.col(name).isNotNull() for name in columns])
    wanted = rows.select(*columns).where(there).distinct()
    known = targets.select(*(F.col(theirs).alias(ours) for ours, theirs in zip(columns, on, strict=True)))
    return wanted.join(known, list(columns), "left_anti")


def marking_orphans(rows: DataFrame, keys: DataFrame, columns: Sequence[str], mark: str) -> DataFrame:
    """The rows with one more column, true in those whose `columns` are among `keys`."""
    marked = rows.join(keys.withColumn(mark, F.lit(True)), list(columns), "left")
    return marked.select(*rows.columns, F.coalesce(F.col(mark), F.lit(False)).alias(mark))


def reference_check(contract: Contract, reference: Reference, on: Sequence[str]) -> Check:
    """The reference as reports show it, among the checks."""
    columns = ", ".join(reference.columns)
    return Check(
        id=f"references.{columns} → {reference.to}",
        expect=REFERENCE,
        kwargs={"column_list": list(reference.columns), "to": reference.to, "on": list(on)},
        otherwise=contract.verdict_on_orphans(reference),
        scope="table" if reference.to == contract.dataset else "row",
        reason=f"{columns}: not found in {reference.to}",
    )


def judge_references(
    judged: JudgedRows, targets: Mapping[Reference, DataFrame], contracts: Mapping[str, Contract], keep: WriteDown
) -> JudgedRows:
    """The same rows, orphans refused where the contract says `quarantine`, and a result for each reference.

    `targets` has the published rows that each reference is judged by. Rows that delete their key refer to nothing.
    """
    contract, kept = judged.gate.contract, _living(judged.rows(KEPT))
    results, refusing_by = list[CheckResult](), list[tuple[Check, DataFrame]]()
    for at, (reference, rows) in enumerate(targets.items()):
        on = key_of(reference, contracts)
        check = reference_check(contract, reference, on)
        keys = keep(orphan_keys(kept, rows, reference.columns, on), f"orphans{at}")
        results.append(_result(check, kept, keys, contract))
        if check.otherwise == "quarantine" and not results[-1].success:
            refusing_by.append((check, keys))
    revisions = (*judged.revisions, _refusing(refusing_by, contract)) if refusing_by else judged.revisions
    return judged.with_references(results, revisions)


def judged_in_itself(contract: Contract, table: DataFrame, contracts: Mapping[str, Contract]) -> list[CheckResult]:
    """The results of the references of a dataset to itself, on the table as it would be published."""
    results = []
    for reference in contract.references:
        if reference.to == contract.dataset:
            on = key_of(reference, contracts)
            keys = orphan_keys(table, table, reference.columns, on)
            results.append(_result(reference_check(contract, reference, on), table, keys, contract))
    return results


def key_of(reference: Reference, contracts: Mapping[str, Contract]) -> tuple[str, ...]:
    """The columns that a reference finds its values in."""
    return reference.on or contracts[reference.to].key


def _living(rows: DataFrame) -> DataFrame:
    return rows.where(~F.col(DELETES)) if DELETES in rows.columns else rows


def _result(check: Check, rows: DataFrame, keys: DataFrame, contract: Contract) -> CheckResult:
    some = keys.limit(PER_CHECK).collect()
    orphans = rows.join(keys, list(check.columns), "left_semi").count() if some else 0
    hidden = {column.name for column in contract.classified}
    shown = [[REDACTED if name in hidden else str(row[name]) for name in check.columns] for row in some]
    samples = tuple(values[0] if len(values) == 1 else values for values in shown)
    return CheckResult(check, orphans == 0, unexpected_count=orphans, samples=samples)


def _refusing(by: Sequence[tuple[Check, DataFrame]], contract: Contract) -> Callable[[DataFrame], DataFrame]:
    marks = [f"{ORPHAN}{at}" for at in range(len(by))]

    def revise(rows: DataFrame) -> DataFrame:
        marked = rows
        for mark, (check, keys) in zip(marks, by, strict=True):
            marked = marking_orphans(marked, keys, check.columns, mark)
        which = reduce(or_, map(F.col, marks)) & (F.col(VERDICT) == KEPT) & _lives(rows)
        reasons = [F.when(F.col(mark), F.lit(check.reason)) for mark, (check, _) in zip(marks, by, strict=True)]
        return refusing(marked, which, F.array_compact(F.array(*reasons)), contract).drop(*marks)

    return revise


def _lives(rows: DataFrame) -> Column:
    return ~F.col(DELETES) if DELETES in rows.columns else F.lit(True)
