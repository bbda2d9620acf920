"""A contract's checks as one list, from column words and from `checks`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from headgate.checks.check import Check, Otherwise, Scope
from headgate.checks.table import CHECKS, with_reason
from headgate.contract.words import checks_asked_for, words_of

if TYPE_CHECKING:
    from headgate.contract.model import Column, Contract, ExpectedCheck


def checks_of(contract: Contract) -> Iterator[Check]:
    """Column words in column order, then `checks`, then the unique check of a mart's key; ids are unique."""
    seen: dict[str, int] = {}
    for check in _all(contract):
        seen[check.id] = seen.get(check.id, 0) + 1
        number = seen[check.id]
        yield check if number == 1 else replace(check, id=f"{check.id}#{number}")


def _all(contract: Contract) -> Iterator[Check]:
    for column in contract.columns:
        yield from column_checks(contract, column)
    for expected in contract.checks:
        yield _expected(contract, expected)
    if contract.is_mart and contract.key:
        yield _key_check(contract)


def column_checks(contract: Contract, column: Column) -> Iterator[Check]:
    """The checks that a column's words ask for; a column of the key is always required.

    A check of the table only stops or warns: it cannot quarantine rows.
    """
    otherwise, words = _otherwise(contract, column), words_of(type(column))
    values = {name: getattr(column, name) for name in words}
    if column.name in contract.key and not contract.is_mart:  # a mart has its key check
        values["required"] = True  # null never equals null: a row without its key would be inserted again and again
    for word, arguments in checks_asked_for(words, values):
        id_, kwargs = f"{column.name}.{word.check}", {"column": column.name, **arguments}
        if word.check_type.kind == "compiled":
            at_most = column.at_most if otherwise == "quarantine" else None
            yield with_reason(Check(id_, word.expect, kwargs, otherwise, "row", at_most))
        else:
            yield Check(id_, word.expect, kwargs, "warn" if otherwise == "warn" else "stop", "table")


def _otherwise(contract: Contract, column: Column) -> Otherwise:
    """A mart has no quarantine: a failing row stops it, unless its column has `otherwise: warn`."""
    if contract.is_mart and column.otherwise == "quarantine":
        return "stop"
    return column.otherwise


def _expected(contract: Contract, expected: ExpectedCheck) -> Check:
    check_type = CHECKS.get(expected.expect)
    at_row_level = check_type is not None and check_type.kind == "compiled"
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
    return with_reason(check) if at_row_level else check


def _key_check(contract: Contract) -> Check:
    if len(contract.key) == 1:
        expect, kwargs = "expect_column_values_to_be_unique", {"column": contract.key[0]}
    else:
        expect, kwargs = "expect_compound_columns_to_be_unique", {"column_list": list(contract.key)}
    return Check(id="key.unique", expect=expect, kwargs=kwargs, otherwise="stop", scope="table")
