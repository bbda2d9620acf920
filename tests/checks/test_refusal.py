"""What can be known to be wrong with a check from the contract alone."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from headgate.checks.refusal import refusals
from headgate.checks.regex import java_regex_problem
from headgate.contract.types import DataType, parse_type

COLUMNS: dict[str, DataType] = {
    "amount": parse_type("decimal(12,2)"),
    "kind": parse_type("string"),
    "paid": parse_type("boolean"),
    "day": parse_type("date"),
    "tags": parse_type("array<string>"),
    "count": parse_type("int"),
}

BETWEEN = "expect_column_values_to_be_between"
IN_SET = "expect_column_values_to_be_in_set"
REGEX = "expect_column_values_to_match_regex"
UNIQUE = "expect_column_values_to_be_unique"

FINE: list[tuple[str, dict[str, Any], str | None]] = [
    (BETWEEN, {"column": "amount", "min_value": 0}, None),
    (BETWEEN, {"column": "amount", "min_value": "0", "max_value": None}, "row"),
    (BETWEEN, {"column": "day", "max_value": "2026-01-31"}, None),
    (IN_SET, {"column": "kind", "value_set": ("a", "b")}, None),
    (REGEX, {"column": "kind", "regex": r"^(?<first>\w)\p{L}*+$"}, None),
    (UNIQUE, {"column": "kind"}, "table"),
    ("expect_compound_columns_to_be_unique", {"column_list": ["kind", "day"]}, "batch"),
    ("expect_table_row_count_to_be_between", {"min_value": 1}, None),
    ("expect_column_to_exist", {"column": "tags"}, "table"),
    ("expect_column_values_to_be_of_type", {"column": "count", "type_": "IntegerType"}, None),
    ("expect_column_quantile_values_to_be_between",
     {"column": "amount", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, None]]}}, None),
]  # fmt: skip

WRONG: list[tuple[str, dict[str, Any], str | None, str, str]] = [
    ("expect_column_values_to_be_betwen", {}, None, "is not known", f"Did you mean `{BETWEEN}`?"),
    (BETWEEN, {"column": "amout", "min_value": 0}, None, "column `amout` is not known", "Did you mean `amount`?"),
    (BETWEEN, {"column": "amount", "minimum": 0}, None, "argument `minimum` is not known", "min_value"),
    (BETWEEN, {"column": "amount", "min_val": 0}, None, "argument `min_val` is not known", "Did you mean `min_value`?"),
    (BETWEEN, {"min_value": 0}, None, "lacks `column`", "It needs `column`."),
    (BETWEEN, {"column": "amount"}, None, "neither `min_value` nor `max_value`", "Give one"),
    (BETWEEN, {"column": "amount", "min_value": None}, None, "neither `min_value` nor `max_value`", "Give one"),
    (BETWEEN, {"column": "amount", "min_value": 3, "max_value": 2}, None, "`3` is greater", "Swap"),
    (BETWEEN, {"column": "kind", "min_value": 3, "max_value": "2026-01-01"}, None, "of different kinds", "two numbers"),
    (BETWEEN, {"column": "amount", "min_value": "abc"}, None, "`abc` is neither a number nor a date", "Fix"),
    (BETWEEN, {"column": "amount", "min_value": True}, None, "`True` is neither a number nor a date", "Fix"),
    (BETWEEN, {"column": "amount", "min_value": float("nan")}, None, "cannot be a bound", "Fix"),
    (BETWEEN, {"column": "amount", "max_value": "2026-01-01"}, None, "cannot bound a `decimal(12,2)`", "Fix"),
    (BETWEEN, {"column": "day", "max_value": 5}, None, "cannot bound a `date`", "Fix"),
    (BETWEEN, {"column": "paid", "max_value": 5}, None, "cannot judge `paid`, which is a `boolean`", "another"),
    (BETWEEN, {"column": "tags", "max_value": 5}, None, "cannot judge `tags`", "another"),
    (BETWEEN, {"column": "amount", "min_value": 0}, "table", "`table` does not fit", "Leave `scope` out"),
    (BETWEEN, {"column": "amount", "min_value": 0, "mostly": 0.9}, None, "`mostly`", "beside `expect`"),
    (BETWEEN, {"column": "amount", "min_value": 0, "row_condition": "x > 1"}, None, "`row_condition`", "derived"),
    (BETWEEN, {"column": "amount", "min_value": 0, "severity": "info"}, None, "`severity`", "otherwise"),
    (BETWEEN, {"column": "amount", "min_value": 0, "strict_min": "yes"}, None, "neither true nor false", "Fix"),
    (IN_SET, {"column": "paid", "value_set": ["true"]}, None, "`true` cannot be compared with a `boolean`", "Fix"),
    (IN_SET, {"column": "count", "value_set": [True]}, None, "`True` cannot be compared with a `int`", "Fix"),
    (IN_SET, {"column": "kind", "value_set": "abc"}, None, "not a list", "Fix"),
    (IN_SET, {"column": "kind", "value_set": ["a", None]}, None, "contains null", "Leave null out"),
    (REGEX, {"column": "kind", "regex": "(?P<x>a)"}, None, "Python's `(?P<name>…)` is `(?<name>…)` in Java", "Fix"),
    (REGEX, {"column": "kind", "regex": 7}, None, "`7` is not a regular expression", "Fix"),
    ("expect_column_value_lengths_to_equal", {"column": "kind", "value": 1.5}, None, "not a whole number", "Fix"),
    ("expect_column_pair_values_to_be_equal", {"column_A": "paid", "column_B": "day"}, None,
     "`paid` and `day` cannot be compared: `boolean` and `date`", "similar types"),
    ("expect_column_pair_values_to_be_equal", {"column_A": "kind", "column_B": "day", "ignore_row_if": "never"}, None,
     "`never` is not one of both_values_are_missing", "Fix"),
    ("expect_column_pair_values_to_be_in_set", {"column_A": "kind", "column_B": "paid", "value_pairs_set": []}, None,
     "`[]` is not a list of pairs", "Fix"),
    ("expect_column_pair_values_to_be_in_set", {"column_A": "kind", "column_B": "paid", "value_pairs_set": [("a", 1)]},
     None, "`1` cannot be compared with a `boolean`", "Fix"),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["amount"], "sum_total": 1}, None,
     "two columns or more", "Fix"),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["amount", "kind"], "sum_total": 1}, None,
     "cannot judge `kind`", "type"),
    (UNIQUE, {"column": "kind"}, "row", "`row` does not fit", "`batch`"),
    (UNIQUE, {"column": "tags"}, None, "cannot judge `tags`", "type"),
    ("expect_column_mean_to_be_between", {"column": "kind", "min_value": 1}, None, "cannot judge `kind`", "type"),
    ("expect_column_values_to_be_of_type", {"column": "kind", "type_": "string"}, None,
     "`string` is not one of StringType", "Fix"),
    ("expect_column_values_to_be_increasing", {"column": "day"}, None, "is not offered: the rows of a table", "lag"),
    ("expect_column_values_to_match_strftime_format", {"column": "kind"}, None, "is not offered", "`formats`"),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "kwargs", "scope"), FINE)
def test_a_check_that_can_be_run_is_not_refused(expect: str, kwargs: dict[str, Any], scope: str | None):
    assert refusals(expect, kwargs, scope, COLUMNS) == []


@pytest.mark.parametrize(("expect", "kwargs", "scope", "problem", "remedy"), WRONG)
def test_a_check_that_cannot_be_run_is_refused_with_a_remedy(
    expect: str, kwargs: dict[str, Any], scope: str | None, problem: str, remedy: str
):
    found = refusals(expect, kwargs, scope, COLUMNS)
    assert len(found) == 1, found
    assert problem in found[0][1]
    assert remedy in found[0][2]


def test_all_faults_of_a_check_are_reported_at_once_with_their_keys():
    kwargs = {"column": "amout", "min_val": 0, "severity": "info", "max_value": 1}
    keys = [key for key, _, _ in refusals(BETWEEN, kwargs, "table", COLUMNS)]
    assert keys == ["scope", "kwargs.min_val", "kwargs.severity", "kwargs"]


PATTERNS = [
    "", "a", "^A1$", r"\d{2,4}?", "a++", "a*?", "(?i)a", "(?i:a)b", "(?<x>a)\\k<x>", "(?>a)b",
    "(?=a)(?!b)(?<=c)(?<!d)",
    "[a-z&&[^b]]", "[]a]", "[^]a]", "[[:alpha:]]", r"\p{L}\P{Lu}\pL", r"\Qa(b\E*", r"[\Q]\E]", r"\x41\x{1F600}", "]",
    "}",
    "^*", "(?x) a # (", "(a|b)?+", r"\R\h\z", "a{2}", "a|", "|a", "(|a)", "(?:)", "(?-i)a", "(?i-s:x)",
    "(?P<x>a)", "(?P=x)", "(?#c)a", "(?(1)a|b)", "[a-z", "a)", "(a", "*a", "a**", "a{2", "a{2,1}", "(?a)x", "(?<1x>a)",
    "\\", "a|*", "(*a)", "(?i)*", r"\i", r"\y", r"\g<1>", r"\L", r"\E", "a{,3}", "a{x", "(?<a_b>x)", "(?R)", "[^]",
    r"\p{L",
    "(?=*)", "[a[b]", r"a\Kb", "(?|a)", "+", "?", "a???",
]  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_refused_exactly_where_java_refuses_it(spark: SparkSession, pattern: str):
    compiled = "ok"
    try:
        spark.sparkContext._jvm.java.util.regex.Pattern.compile(pattern)  # type: ignore[union-attr]
    except Exception as error:
        compiled = str(error)
    assert (java_regex_problem(pattern) is None) == (compiled == "ok"), compiled
