"""Everything that the contract alone shows to be wrong with a check; needs neither Spark nor Great Expectations."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from headgate.checks.arguments import HOLDS_NULL, argument_problem
from headgate.checks.check_type import CheckType
from headgate.checks.families import ColumnType, as_bound, comparable, takes
from headgate.checks.table import CHECKS

Refusal = tuple[str, str, str]
"""The key within the check (`kwargs.min_value`), what is wrong, and what to write instead."""

_NO_CONDITION = "Headgate judges every row; put the condition into a derived column and check that column."
_ELSEWHERE = {
    "mostly": "Write it beside `expect`, not under `kwargs`.",
    "row_condition": _NO_CONDITION,
    "condition_parser": _NO_CONDITION,
    "severity": "Write `otherwise: warn`, `quarantine` or `stop` beside `expect`.",
    "meta": "Leave it out; Headgate writes its own.",
    "result_format": "Leave it out; every run reports counts and masked samples.",
    "catch_exceptions": "Leave it out; a check that cannot run stops the run.",
    "batch_id": "Leave it out; use `scope: batch` or `scope: table`.",
}


def refusals(
    expect: str, kwargs: Mapping[str, Any], scope: str | None, columns: Mapping[str, ColumnType]
) -> list[Refusal]:
    """All that is wrong with a check; empty when nothing is. `scope` is None where the contract has none."""
    check_type = CHECKS.get(expect)
    if check_type is None:
        return [_unknown("expect", expect, CHECKS, "docs/CHECKS.md lists every expectation.")]
    if check_type.kind == "refused":
        return [("expect", f"check `{expect}` is not offered: {check_type.why}", check_type.remedy)]
    refused = [*_scope(check_type, scope), *_names(check_type, kwargs), *_known_columns(check_type, kwargs, columns)]
    refused = refused or [*_types(check_type, kwargs, columns)]
    return refused or [*_values(check_type, kwargs, columns), *_bounds(check_type, kwargs)]


def columns_of(check_type: CheckType, kwargs: Mapping[str, Any]) -> list[str]:
    """The columns named by the arguments, in the order of the arguments."""
    kinds = check_type.arguments
    named = [kwargs[name] for name, kind in kinds.items() if kind == "column" and name in kwargs]
    for name, kind in kinds.items():
        if kind in ("columns", "names") and isinstance(kwargs.get(name), list | tuple):
            named += kwargs[name]
    return [name for name in named if isinstance(name, str)]


def _unknown(key: str, name: str, known: Iterable[str], otherwise: str) -> Refusal:
    near = difflib.get_close_matches(name, list(known), n=1)
    what = "check" if key == "expect" else "argument" if key == f"kwargs.{name}" else "column"
    return key, f"{what} `{name}` is not known", f"Did you mean `{near[0]}`?" if near else otherwise


def _scope(check_type: CheckType, scope: str | None) -> Iterator[Refusal]:
    if check_type.kind == "compiled" and scope not in (None, "row"):
        problem = f"`{scope}` does not fit `{check_type.expect}`, which is judged row by row"
        yield "scope", problem, "Leave `scope` out."
    if check_type.kind == "gx" and scope == "row":
        problem = f"`row` does not fit `{check_type.expect}`, which judges many rows together"
        yield "scope", problem, "Use `batch` (the rows of this run) or `table`."


def _names(check_type: CheckType, kwargs: Mapping[str, Any]) -> Iterator[Refusal]:
    for name in kwargs:
        if name in check_type.arguments:
            continue
        if name in _ELSEWHERE:
            yield f"kwargs.{name}", f"argument `{name}` cannot be set under `kwargs`", _ELSEWHERE[name]
        else:
            yield _unknown(f"kwargs.{name}", name, check_type.arguments, f"It takes {_listed(check_type.arguments)}.")
    for name in check_type.required:
        if name not in kwargs:
            yield "kwargs", f"`{check_type.expect}` lacks `{name}`", f"It needs {_listed(check_type.required)}."
    unbounded = kwargs.get("min_value") is None and kwargs.get("max_value") is None
    if "min_value" in check_type.arguments and unbounded and set(kwargs) <= set(check_type.arguments):
        yield "kwargs", f"`{check_type.expect}` has neither `min_value` nor `max_value`", "Give one of them, or both."


def _known_columns(
    check_type: CheckType, kwargs: Mapping[str, Any], columns: Mapping[str, ColumnType]
) -> Iterator[Refusal]:
    for name in columns_of(check_type, kwargs):
        if name not in columns:
            yield _unknown("kwargs", name, columns, f"Columns are {', '.join(columns)}.")


def _types(check_type: CheckType, kwargs: Mapping[str, Any], columns: Mapping[str, ColumnType]) -> Iterator[Refusal]:
    named = columns_of(check_type, kwargs)
    for name in named:
        if not takes(check_type.columns, columns[name]):
            problem = f"`{check_type.expect}` cannot judge `{name}`, which is a `{columns[name].ddl}`"
            yield "kwargs", problem, "Check another column, or give this one another type."
    compared = check_type.kind == "compiled" and "value_pairs_set" not in check_type.arguments
    for first, second in combinations(named, 2):
        if compared and not comparable(columns[first], columns[second]):
            kinds = f"`{columns[first].ddl}` and `{columns[second].ddl}`"
            yield "kwargs", f"`{first}` and `{second}` cannot be compared: {kinds}", "Compare columns of similar types."


def _values(check_type: CheckType, kwargs: Mapping[str, Any], columns: Mapping[str, ColumnType]) -> Iterator[Refusal]:
    types = [columns[name] for name in columns_of(check_type, kwargs)]
    for name, value in kwargs.items():
        if value is None and name in check_type.optional:
            continue
        problem = argument_problem(check_type.arguments[name], value, types)
        if problem:
            remedy = HOLDS_NULL[1] if problem == HOLDS_NULL[0] else f"Fix `{name}` of `{check_type.expect}`."
            yield f"kwargs.{name}", problem if problem[0] == "`" else f"`{name}` {problem}", remedy


def _bounds(check_type: CheckType, kwargs: Mapping[str, Any]) -> Iterator[Refusal]:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None or high is None or "min_value" not in check_type.arguments:
        return
    try:
        least, most = as_bound(low), as_bound(high)
        mixed = type(least) is not type(most)
        crossed = not mixed and least > most  # type: ignore[operator]
    except ValueError:
        return  # `_values` reports the bound itself
    if crossed:
        yield "kwargs.min_value", f"`{low}` is greater than `max_value`, which is `{high}`", "Swap the two."
    if mixed:
        yield "kwargs", f"`{low}` and `{high}` are of different kinds", "Give two numbers, two dates or two times."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
