"""Rules about checks: known, runnable, with a verdict that fits; of masked columns only what a mask leaves true."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.checks.refusal import refusals
from headgate.contract.model import Contract

Found = tuple[str, str, str]


def checks(contract: Contract) -> Iterator[Found]:
    """Every check can run, and its verdict fits its level."""
    for at, check in enumerate(contract.checks):
        found = refusals(check.expect, check.kwargs, check.scope, contract.types)
        yield from ((f"checks[{at}]{'.' + key if key else ''}", problem, remedy) for key, problem, remedy in found)
    if any(True for at, c in enumerate(contract.checks) if refusals(c.expect, c.kwargs, c.scope, contract.types)):
        return
    for check in contract.all_checks:
        if check.scope != "row" and check.otherwise == "quarantine":
            yield (
                f"checks ({check.id})",
                "a table-level check cannot quarantine rows",
                "Use `otherwise: warn` or `stop`.",
            )
        if check.mostly is not None and (check.otherwise == "quarantine" or check.scope != "row"):
            yield (
                f"checks ({check.id})",
                "`mostly` goes with a row check and `warn` or `stop`",
                "Use `at_most` to quarantine.",
            )
        if check.at_most is not None and (check.otherwise != "quarantine" or check.scope != "row"):
            yield (
                f"checks ({check.id})",
                "`at_most` goes with `otherwise: quarantine`",
                "Use `mostly` with `warn` or `stop`.",
            )
    yield from _word_refusals(contract)
    yield from _masked_checks(contract)


def _word_refusals(contract: Contract) -> Iterator[Found]:
    written = {id(check) for check in contract.checks}
    names = {column.name: at for at, column in enumerate(contract.columns)}
    for check in contract.all_checks[: len(contract.all_checks) - len(written)]:
        scope = None if check.scope == "row" else check.scope
        for _, problem, remedy in refusals(check.expect, dict(check.kwargs), scope, contract.types):
            at = names.get(check.columns[0], 0) if check.columns else 0
            yield f"columns[{at}]", f"{problem} (check `{check.id}`)", remedy


_OF_MASKED = ("null", "unique", "count")


def _masked_checks(contract: Contract) -> Iterator[Found]:
    masked = {column.name for column in contract.classified}
    for check in contract.table_checks:
        for name in sorted(masked & set(check.columns)):
            if not any(word in check.expect for word in _OF_MASKED):
                problem = f"`{check.expect}` reads `{name}`, which is masked when it is judged"
                yield f"checks ({check.id})", problem, "Of a masked column ask only null, count and uniqueness."
