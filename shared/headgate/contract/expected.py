"""A contract's checks, whichever words they were written in, as one list."""

from __future__ import annotations

from collections.abc import Iterator

from headgate.checks.catalogue import CATALOGUE
from headgate.checks.check import Check, Otherwise, Scope
from headgate.checks.column_words import word_checks
from headgate.checks.compiled import default_reason
from headgate.contract.model import Column, Contract, ExpectedCheck

WORDS = ("required", "unique", "minimum", "maximum", "pattern", "enum", "min_length", "max_length")


def checks_of(contract: Contract) -> Iterator[Check]:
    """Column words in column order, then `checks`, then the unique check of a mart's key; ids are unique."""
    seen: dict[str, int] = {}
    for check in _all(contract):
        seen[check.id] = seen.get(check.id, 0) + 1
        number = seen[check.id]
        yield check if number == 1 else _renamed(check, f"{check.id}#{number}")


def _all(contract: Contract) -> Iterator[Check]:
    for column in contract.columns:
        yield from word_checks(column.name, _words(contract, column), _verdict(contract, column), column.at_most)
    for expected in contract.checks:
        yield _expected(contract, expected)
    if contract.is_mart and contract.key:
        yield _key_check(contract)


def _words(contract: Contract, column: Column) -> dict[str, object]:
    said = {word: getattr(column, word) for word in WORDS}
    if column.name in contract.key and not contract.is_mart:
        said["required"] = True  # null never equals null: a row without its key would be inserted again and again
    return {word: value for word, value in said.items() if value is not None and value is not False}


def _verdict(contract: Contract, column: Column) -> Otherwise:
    """A mart has no quarantine: its row words stop unless they say `warn`."""
    if contract.is_mart and column.otherwise == "quarantine":
        return "stop"
    return column.otherwise


def _expected(contract: Contract, expected: ExpectedCheck) -> Check:
    entry = CATALOGUE.get(expected.expect)
    at_row_level = entry is not None and entry.kind == "compiled"
    scope: Scope = "row" if at_row_level else (expected.scope if expected.scope in ("batch", "table") else "batch")  # type: ignore[assignment]
    default: Otherwise = "quarantine" if at_row_level and not contract.is_mart and expected.mostly is None else "stop"
    named = expected.kwargs.get("column") or "_".join(map(str, expected.kwargs.get("column_list", ()))) or "table"
    check = Check(
        id=f"{named}.{expected.expect.removeprefix('expect_')}",
        expect=expected.expect,
        kwargs=expected.kwargs,
        otherwise=expected.otherwise or default,
        scope=scope,
        at_most=expected.at_most,
        mostly=expected.mostly,
    )
    return _with_reason(check) if at_row_level else check


def _key_check(contract: Contract) -> Check:
    if len(contract.key) == 1:
        expect, kwargs = "expect_column_values_to_be_unique", {"column": contract.key[0]}
    else:
        expect, kwargs = "expect_compound_columns_to_be_unique", {"column_list": list(contract.key)}
    return Check(id="key.unique", expect=expect, kwargs=kwargs, otherwise="stop", scope="table")


def _with_reason(check: Check) -> Check:
    return Check(**{**check.__dict__, "reason": default_reason(check)})


def _renamed(check: Check, name: str) -> Check:
    return Check(**{**check.__dict__, "id": name})
