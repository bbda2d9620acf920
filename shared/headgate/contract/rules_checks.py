"""Rules about checks: known, runnable, with an `otherwise` that fits; of masked columns only what a mask keeps true."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.checks.refusal import refusals
from headgate.checks.table import CHECKS
from headgate.contract.expected import column_checks
from headgate.contract.model import Contract

Broken = tuple[str, str, str]


def checks(contract: Contract) -> Iterator[Broken]:
    """Every check can run, and its `otherwise` and limits fit its level."""
    refused = list(_refused(contract))
    yield from refused
    if not refused:  # the rules below need checks that can be built
        yield from _limits(contract)
        yield from _refused_words(contract)
        yield from _masked(contract)
        yield from _unpublished(contract)


def _refused(contract: Contract) -> Iterator[Broken]:
    for at, check in enumerate(contract.checks):
        for key, problem, remedy in refusals(check.expect, check.kwargs, check.scope, contract.types):
            yield f"checks[{at}]{'.' + key if key else ''}", problem, remedy


def _limits(contract: Contract) -> Iterator[Broken]:
    for check in contract.all_checks:
        key, quarantines = f"checks ({check.id})", check.otherwise == "quarantine"
        if check.scope != "row" and quarantines:
            yield key, "a table-level check cannot quarantine rows", "Use `otherwise: warn` or `stop`."
        if check.mostly is not None and (quarantines or check.scope != "row"):
            problem = "`mostly` needs a row check with `otherwise: warn` or `stop`"
            yield key, problem, "Use `at_most` to quarantine."
        if check.at_most is not None and (not quarantines or check.scope != "row"):
            yield key, "`at_most` needs `otherwise: quarantine`", "Use `mostly` with `warn` or `stop`."


def _refused_words(contract: Contract) -> Iterator[Broken]:
    for at, column in enumerate(contract.columns):
        for check in column_checks(contract, column):
            scope = None if check.scope == "row" else check.scope
            for _, problem, remedy in refusals(check.expect, check.kwargs, scope, contract.types):
                yield f"columns[{at}]", f"{problem} (check `{check.id}`)", remedy


def _masked(contract: Contract) -> Iterator[Broken]:
    """Table-level checks see masked values, so a masked column allows few of them."""
    masked = {column.name for column in contract.classified}
    for check in contract.table_checks:
        for name in sorted(masked & set(check.columns)):
            if not CHECKS[check.expect].judges_masked:
                problem = f"`{check.expect}` reads `{name}`, which is masked before it is judged"
                yield f"checks ({check.id})", problem, "Check only nulls, counts and uniqueness of a masked column."


def _unpublished(contract: Contract) -> Iterator[Broken]:
    """Table-level checks see the table, and so only what is published."""
    hidden = {column.name for column in contract.columns if not column.publish}
    for check in contract.table_checks:
        for name in sorted(hidden & set(check.columns)):
            problem = f"`{check.expect}` judges the table, and `{name}` is not published"
            yield f"checks ({check.id})", problem, "Publish it, or check each row."
