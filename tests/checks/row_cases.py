"""Random rows and many row checks: one list for the comparison with Great Expectations, quick and deep."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from headgate.checks.check import Check

SCHEMA = (
    "i int, j bigint, n decimal(10,2), x double, f float, s string, t string, d date, e date, ts timestamp, "
    "local timestamp_ntz, b boolean, c boolean, tags array<string>"
)

_INTS = [0, 1, 2, 3, 5, 10, 99, 100, -1, -7]
_TEXTS = ["", "1", "01", "2", "2.0", " 3", "abc", "A1", "A1\n", "B2", "é", "e\u0301", "😀", "NaN", "nan", "Infinity",
          "1e3", "2024-01-01", "2024-06-30", "x" * 30, "true", "null", "a.b", "-5"]  # fmt: skip
_DATES = [
    date(1969, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 29),
    date(2024, 6, 30),
    date(2024, 12, 31),
    date(2025, 1, 1),
]
_TIMES = [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC), datetime(2024, 12, 31, 10, tzinfo=UTC),
          datetime(2024, 6, 30, 23, 59, 59, 999999, tzinfo=UTC), datetime(2025, 1, 1, 0, 0, 1, tzinfo=UTC)]  # fmt: skip
_DOUBLES = [
    0.0,
    -0.0,
    0.1,
    0.2,
    0.30000000000000004,
    1.0,
    2.0,
    99.9,
    100.0,
    -3.5,
    float("nan"),
    float("inf"),
    float("-inf"),
]
_POOLS: Mapping[str, list[Any]] = {
    "i": _INTS,
    "j": [*_INTS, 2**53, 2**53 + 1, -(2**62)],
    "n": [Decimal(text) for text in ("0.00", "0.10", "1.10", "1.00", "2.00", "99.99", "100.00", "-3.50")],
    "x": _DOUBLES,
    "f": [0.5, 0.1, 1.0, 2.0, 100.0, float("nan")],
    "s": _TEXTS,
    "t": ["1", "2", "abc", "A1", "", "2024-01-01"],
    "d": _DATES,
    "e": _DATES[1:4],
    "ts": _TIMES,
    "local": [moment.replace(tzinfo=None) for moment in _TIMES],
    "b": [True, False],
    "c": [True, False],
    "tags": [["a"], [], ["a", "b"]],
}


def random_rows(spark: SparkSession, seed: int, rows: int, nulls: float) -> DataFrame:
    """Rows drawn from pools of awkward values; `nulls` is the share of missing ones."""
    rng = random.Random(seed)
    drawn = [tuple(None if rng.random() < nulls else rng.choice(pool) for pool in _POOLS.values()) for _ in range(rows)]
    return spark.createDataFrame(drawn, SCHEMA).coalesce(1)


def row_cases() -> list[Check]:
    """Every compiled expectation with several arguments each."""
    cases = [*_between(), *_sets(), *_nulls(), *_regexes(), *_lengths(), *_pairs(), *_lists()]
    return [
        Check(f"case-{i}", expect, kwargs, "warn", "row", mostly=mostly)
        for i, (expect, kwargs, mostly) in enumerate(cases)
    ]


def few_cases() -> list[Check]:
    """One check of each compiled expectation, and those that consider rows without values."""
    first: dict[str, Check] = {}
    for check in row_cases():
        first.setdefault(f"{check.expect} {check.kwargs.get('ignore_row_if')}", check)
    return list(first.values())


Case = tuple[str, dict[str, Any], float | None]


def _of(short: str, column: str, mostly: float | None = None, **kwargs: Any) -> Case:
    return f"expect_column_{short}", {"column": column, **kwargs}, mostly


def _between() -> list[Case]:
    name = "values_to_be_between"
    return [
        _of(name, "i", min_value=0, max_value=100),
        _of(name, "i", min_value=0, max_value=100, strict_min=True),
        _of(name, "i", min_value=0, max_value=100, strict_max=True),
        _of(name, "i", min_value=0, max_value=100, strict_min=True, strict_max=True),
        _of(name, "i", max_value="10"),
        _of(name, "j", min_value=0, max_value=2**53),
        _of(name, "j", min_value=2**53, strict_min=True),
        _of(name, "n", min_value=0.1, max_value=1.1),
        _of(name, "n", min_value=0.1, strict_min=True),
        _of(name, "x", min_value=0),
        _of(name, "x", max_value=0.3, mostly=0.5),
        _of(name, "x", max_value=100, strict_max=True),
        _of(name, "f", min_value=0.1, max_value=1),
        _of(name, "s", min_value=0, max_value=2),
        _of(name, "s", min_value="2024-01-01"),
        _of(name, "d", min_value="2024-01-01", max_value="2024-12-31"),
        _of(name, "d", max_value=date(2024, 6, 30), strict_max=True),
        _of(name, "d", max_value="2024-06-30T12:00:00"),
        _of(name, "ts", min_value="2024-01-01", max_value="2024-12-31"),
        _of(name, "ts", max_value="2024-12-31T10:00:00", strict_max=True),
        _of(name, "ts", max_value=datetime(2024, 12, 31, 10)),
        _of(name, "ts", max_value="2024-12-31T11:00:00+02:00"),
        _of(name, "local", min_value="2024-06-30T00:00:00", max_value="2024-12-31T10:00:00"),
    ]


def _sets() -> list[Case]:
    into, out = "values_to_be_in_set", "values_to_not_be_in_set"
    return [
        _of(into, "i", value_set=[0, 1, 2]),
        _of(into, "i", value_set=["1", "2"]),
        _of(into, "i", value_set=["1", "3"]),
        _of(into, "i", value_set=[]),
        _of(into, "i", value_set=[1.0, 2.5], mostly=0.2),
        _of(into, "n", value_set=[0.1, 1.1]),
        _of(into, "x", value_set=[1.0]),
        _of(into, "s", value_set=["abc", "1", ""]),
        _of(into, "s", value_set=[1, 2]),
        _of(into, "d", value_set=["2024-01-01"]),
        _of(into, "d", value_set=[date(2024, 1, 1), date(2024, 2, 29)]),
        _of(into, "ts", value_set=["2024-01-01"]),
        _of(into, "ts", value_set=[datetime(2024, 12, 31, 10)]),
        _of(into, "b", value_set=[True]),
        _of(out, "i", value_set=[0, 1]),
        _of(out, "i", value_set=[0, None]),
        _of(out, "i", value_set=[]),
        _of(out, "s", value_set=["abc", ""]),
        _of(out, "b", value_set=[False]),
    ]


def _nulls() -> list[Case]:
    columns = ("i", "x", "s", "ts", "b", "tags")
    cases = [_of(name, column) for column in columns for name in ("values_to_not_be_null", "values_to_be_null")]
    return [*cases, _of("values_to_not_be_null", "s", mostly=0.8), _of("values_to_be_null", "s", mostly=0.1)]


def _regexes() -> list[Case]:
    into, out = "values_to_match_regex", "values_to_not_match_regex"
    return [
        _of(into, "s", regex="^A1$"),
        _of(into, "s", regex=""),
        _of(into, "s", regex=r"\d"),
        _of(into, "s", regex=r"^\p{L}+$"),
        _of(into, "s", regex="(?i)^a", mostly=0.1),
        _of(into, "i", regex="^1"),
        _of(into, "x", regex=r"\.0$"),
        _of(into, "d", regex="^2024-"),
        _of(into, "b", regex="t"),
        _of(out, "s", regex="^$"),
        _of(out, "s", regex="[a-z&&[^b]]"),
        _of(f"{into}_list", "s", regex_list=["^A", "^B"]),
        _of(f"{into}_list", "s", regex_list=["1", r"\d$"], match_on="all"),
        _of(f"{into}_list", "s", regex_list=["a|b", "c"], match_on="any"),
        _of(f"{out}_list", "s", regex_list=["^A", "é"]),
        _of(f"{out}_list", "i", regex_list=["0"]),
    ]


def _lengths() -> list[Case]:
    between, equal = "value_lengths_to_be_between", "value_lengths_to_equal"
    return [
        _of(between, "s", min_value=1, max_value=3),
        _of(between, "s", min_value=1, max_value=3, strict_min=True, strict_max=True),
        _of(between, "s", max_value=2),
        _of(between, "i", min_value=2),
        _of(between, "d", min_value=10),
        _of(equal, "s", value=1),
        _of(equal, "i", value=2),
    ]


def _pair(short: str, a: str, b: str, mostly: float | None = None, **kwargs: Any) -> Case:
    return f"expect_column_pair_values_{short}", {"column_A": a, "column_B": b, **kwargs}, mostly


def _pairs() -> list[Case]:
    cases: list[Case] = []
    for ignore in (None, "either_value_is_missing", "neither"):
        said = {"ignore_row_if": ignore} if ignore else {}
        cases += [
            _pair("a_to_be_greater_than_b", "i", "j", **said),
            _pair("a_to_be_greater_than_b", "d", "e", or_equal=True, **said),
            _pair("to_be_equal", "i", "j", mostly=0.1, **said),
            _pair("to_be_equal", "i", "t", **said),
            _pair("to_be_in_set", "b", "c", value_pairs_set=[(True, False), (None, True)], **said),
        ]
    return [
        *cases,
        _pair("a_to_be_greater_than_b", "x", "n", or_equal=True),
        _pair("a_to_be_greater_than_b", "ts", "d"),
        _pair("to_be_equal", "x", "f"),
        _pair("to_be_equal", "s", "t"),
        _pair("to_be_in_set", "i", "t", value_pairs_set=[(1, "1"), (2, "2"), (None, "")]),
    ]


def _list(short: str, columns: list[str], mostly: float | None = None, **kwargs: Any) -> Case:
    return f"expect_{short}", {"column_list": columns, **kwargs}, mostly


def _lists() -> list[Case]:
    cases: list[Case] = []
    for ignore in (None, "any_value_is_missing", "never"):
        said = {"ignore_row_if": ignore} if ignore else {}
        cases += [
            _list("multicolumn_sum_to_equal", ["i", "j"], sum_total=2, **said),
            _list("select_column_values_to_be_unique_within_record", ["i", "j", "n"], **said),
            _list("multicolumn_values_to_be_equal", ["b", "c"], **said),
        ]
    return [
        *cases,
        _list("multicolumn_sum_to_equal", ["n", "i"], sum_total=1.1, mostly=0.05),
        _list("multicolumn_sum_to_equal", ["x", "f"], sum_total=0.5),
        _list("select_column_values_to_be_unique_within_record", ["s", "t"]),
        _list("multicolumn_values_to_be_equal", ["i", "j", "t"]),
    ]
