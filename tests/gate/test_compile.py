"""A check as columns: what a person expects of it, on rows that a person can read."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from headgate.checks.check import Check
from headgate.contract.types import DataType, parse_type
from headgate.errors import RunFailed
from headgate.gate.compile import compile_check
from tables import assert_table, table


def a_check(expect: str, mostly: float | None = None, **kwargs: Any) -> Check:
    return Check(f"check-{expect}", f"expect_column_{expect}", kwargs, "warn", "row", mostly=mostly)


def types(frame: DataFrame) -> dict[str, DataType]:
    return {field.name: parse_type(field.dataType.simpleString()) for field in frame.schema}


def unexpected(rows: DataFrame, check: Check) -> DataFrame:
    """The rows, each with whether it fails the check."""
    return rows.select("*", compile_check(check, types(rows)).unexpected.alias("unexpected"))


def test_a_missing_value_is_not_considered_and_not_unexpected(spark: SparkSession):
    orders = table(spark, "id string, amount int", ("a", 5), ("b", -1), ("c", None))
    compiled = compile_check(a_check("values_to_be_between", column="amount", min_value=0), types(orders))
    assert_table(
        orders.select("id", compiled.considered.alias("considered"), compiled.unexpected.alias("unexpected")),
        "id string, considered boolean, unexpected boolean",
        ("a", True, False),
        ("b", True, True),
        ("c", False, False),
    )


def test_text_that_is_no_number_passes_a_bound_as_in_great_expectations(spark: SparkSession):
    rows = unexpected(
        table(spark, "text string", ("7",), ("-1",), ("abc",)),
        a_check("values_to_be_between", column="text", min_value=0),
    )
    assert_table(rows, "text string, unexpected boolean", ("7", False), ("-1", True), ("abc", False))


def test_a_pair_is_compared_where_one_of_the_two_is_missing(spark: SparkSession):
    rows = table(spark, "a int, b int", (2, 1), (1, 2), (1, 1), (None, 1), (None, None))
    assert_table(
        unexpected(rows, a_check("pair_values_a_to_be_greater_than_b", column_A="a", column_B="b")),
        "a int, b int, unexpected boolean",
        (2, 1, False),
        (1, 2, True),
        (1, 1, True),
        (None, 1, False),
        (None, None, False),
    )


def test_columns_that_must_all_differ_fail_where_any_two_are_equal(spark: SparkSession):
    rows = table(spark, "a int, b int, c int", (1, 2, 3), (1, 2, 1), (None, None, 3))
    check = Check("abc", "expect_select_column_values_to_be_unique_within_record",
                  {"column_list": ["a", "b", "c"]}, "warn", "row")  # fmt: skip
    assert_table(
        unexpected(rows, check),
        "a int, b int, c int, unexpected boolean",
        (1, 2, 3, False),
        (1, 2, 1, True),
        (None, None, 3, True),
    )


def test_a_time_without_a_zone_is_utc_whatever_the_zone_of_the_machine(spark: SparkSession, monkeypatch: Any):
    rows = spark.sql("SELECT timestamp'2024-12-31 10:00:00' AS at UNION ALL SELECT timestamp'2024-12-31 10:00:01'")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    limit = datetime(2024, 12, 31, 10)
    verdicts = unexpected(rows, a_check("values_to_be_between", column="at", max_value=limit)).collect()
    monkeypatch.undo()
    time.tzset()
    assert sorted(row.unexpected for row in verdicts) == [False, True]


def test_a_null_in_a_set_passes_every_value_so_a_contract_may_not_have_it(spark: SparkSession):
    check = a_check("values_to_be_in_set", column="kind", value_set=["a", None])
    with pytest.raises(RunFailed, match="contains null"):
        compile_check(check, types(spark.createDataFrame([("z",)], "kind string")))


def test_a_pattern_that_only_java_can_judge_is_refused_before_the_first_row(spark: SparkSession):
    rows = spark.createDataFrame([("a",)], "kind string")
    with pytest.raises(RunFailed, match="is not a regular expression of Java") as caught:
        compile_check(a_check("values_to_match_regex", column="kind", regex="[z-a]"), types(rows))
    assert str(caught.value).startswith("check `check-values_to_match_regex`: ")
    assert "Illegal character range near index 3" in str(caught.value)


def test_a_table_level_check_is_not_compiled(spark: SparkSession):
    with pytest.raises(RunFailed, match="not row by row"):
        compile_check(a_check("values_to_be_unique", column="a"), types(spark.createDataFrame([(1,)], "a int")))
