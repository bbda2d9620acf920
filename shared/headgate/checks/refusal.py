"""Everything that is wrong with a check and can be known from the contract alone: no Spark, no JVM, no GX import."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from pyspark.sql.types import DataType

from headgate.checks.arguments import HOLDS_NULL, argument_problem
from headgate.checks.catalogue import CATALOGUE, Entry
from headgate.checks.families import as_bound, comparable, takes

Refusal = tuple[str, str, str]
"""The key within the check (`kwargs.min_value`), what is wrong, and what to write instead."""

_ELSEWHERE = {
    "mostly": "Write it beside `expect`, not under `kwargs`.",
    "row_condition": "Headgate judges every row; say the condition in a derived column and check that.",
    "condition_parser": "Headgate judges every row; say the condition in a derived column and check that.",
    "severity": "Say `otherwise: warn`, `quarantine` or `stop` beside `expect`.",
    "meta": "Leave it out; Headgate writes its own.",
    "result_format": "Leave it out; every run reports counts and masked samples.",
    "catch_exceptions": "Leave it out; a check that cannot run stops the run.",
    "batch_id": "Leave it out; use `scope: batch` or `scope: table`.",
}


def refusals(
    expect: str, kwargs: Mapping[str, Any], scope: str | None, columns: Mapping[str, DataType]
) -> list[Refusal]:
    """All that is wrong with a check; empty when nothing is. `scope` is None where the contract says none."""
    entry = CATALOGUE.get(expect)
    if entry is None:
        return [_unknown("expect", expect, CATALOGUE, "docs/CHECKS.md lists every expectation.")]
    if entry.kind == "refused":
        return [("expect", f"check `{expect}` is not offered: {entry.reason}", entry.remedy)]
    found = [*_scope(entry, scope), *_names(entry, kwargs), *_known_columns(entry, kwargs, columns)]
    return found or [*_types(entry, kwargs, columns)] or [*_values(entry, kwargs, columns), *_bounds(entry, kwargs)]


def columns_of(entry: Entry, kwargs: Mapping[str, Any]) -> list[str]:
    """The columns named by the arguments, in the order of the arguments."""
    kinds = entry.arguments
    named = [kwargs[name] for name, kind in kinds.items() if kind == "column" and name in kwargs]
    for name, kind in kinds.items():
        if kind in ("columns", "names") and isinstance(kwargs.get(name), list | tuple):
            named += kwargs[name]
    return [name for name in named if isinstance(name, str)]


def _unknown(key: str, name: str, known: Iterable[str], otherwise: str) -> Refusal:
    near = difflib.get_close_matches(name, list(known), n=1)
    what = "check" if key == "expect" else "argument" if key == f"kwargs.{name}" else "column"
    return key, f"{what} `{name}` is not known", f"Did you mean `{near[0]}`?" if near else otherwise


def _scope(entry: Entry, scope: str | None) -> Iterator[Refusal]:
    if entry.kind == "compiled" and scope not in (None, "row"):
        problem = f"`{scope}` does not fit `{entry.expect}`, which is judged row by row"
        yield "scope", problem, "Leave `scope` out."
    if entry.kind == "gx" and scope == "row":
        problem = f"`row` does not fit `{entry.expect}`, which judges many rows together"
        yield "scope", problem, "Use `batch` (the rows of this run) or `table`."


def _names(entry: Entry, kwargs: Mapping[str, Any]) -> Iterator[Refusal]:
    for name in kwargs:
        if name in entry.arguments:
            continue
        if name in _ELSEWHERE:
            yield f"kwargs.{name}", f"argument `{name}` is not taken from a contract", _ELSEWHERE[name]
        else:
            yield _unknown(f"kwargs.{name}", name, entry.arguments, f"It takes {_listed(entry.arguments)}.")
    for name in entry.required:
        if name not in kwargs:
            yield "kwargs", f"`{entry.expect}` lacks `{name}`", f"It needs {_listed(entry.required)}."
    unbounded = kwargs.get("min_value") is None and kwargs.get("max_value") is None
    if "min_value" in entry.arguments and unbounded and set(kwargs) <= set(entry.arguments):
        yield "kwargs", f"`{entry.expect}` has neither `min_value` nor `max_value`", "Give one of them, or both."


def _known_columns(entry: Entry, kwargs: Mapping[str, Any], columns: Mapping[str, DataType]) -> Iterator[Refusal]:
    for name in columns_of(entry, kwargs):
        if name not in columns:
            yield _unknown("kwargs", name, columns, f"Columns are {', '.join(columns)}.")


def _types(entry: Entry, kwargs: Mapping[str, Any], columns: Mapping[str, DataType]) -> Iterator[Refusal]:
    named = columns_of(entry, kwargs)
    for name in named:
        if not takes(entry.columns, columns[name]):
            problem = f"`{entry.expect}` cannot judge `{name}`, which is a `{columns[name].simpleString()}`"
            yield "kwargs", problem, "Check another column, or give this one another type."
    compared = entry.kind == "compiled" and "value_pairs_set" not in entry.arguments
    for one, other in combinations(named, 2):
        if compared and not comparable(columns[one], columns[other]):
            kinds = f"`{columns[one].simpleString()}` and `{columns[other].simpleString()}`"
            yield "kwargs", f"`{one}` and `{other}` cannot be compared: {kinds}", "Compare columns of like types."


def _values(entry: Entry, kwargs: Mapping[str, Any], columns: Mapping[str, DataType]) -> Iterator[Refusal]:
    types = [columns[name] for name in columns_of(entry, kwargs)]
    for name, value in kwargs.items():
        if value is None and name in entry.optional:
            continue
        problem = argument_problem(entry.arguments[name], value, types)
        if problem:
            remedy = HOLDS_NULL[1] if problem == HOLDS_NULL[0] else f"Mend `{name}` of `{entry.expect}`."
            yield f"kwargs.{name}", problem if problem[0] == "`" else f"`{name}` {problem}", remedy


def _bounds(entry: Entry, kwargs: Mapping[str, Any]) -> Iterator[Refusal]:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None or high is None or "min_value" not in entry.arguments:
        return
    try:
        least, most = as_bound(low), as_bound(high)
        mixed = type(least) is not type(most)
        crossed = not mixed and least > most  # type: ignore[operator]
    except ValueError:
        return  # said already, of the bound itself
    if crossed:
        yield "kwargs.min_value", f"`{low}` is greater than `max_value`, which is `{high}`", "Exchange the two."
    if mixed:
        yield "kwargs", f"`{low}` and `{high}` are not of one kind", "Give two numbers, two dates or two times."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
