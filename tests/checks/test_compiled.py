"""A check as columns: what a person would expect of it, on rows that a person can read."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from chispa import assert_df_equality
from pyspark.sql import Observation, SparkSession

from headgate.checks.check import Check
from headgate.checks.compiled import compile_check
from headgate.checks.tally import read_tally, tally_columns
from headgate.errors import RunFailed


def a_check(expect: str, mostly: float | None = None, **kwargs: Any) -> Check:
    return Check(f"check-{expect}", f"expect_column_{expect}", kwargs, "warn", "row", mostly=mostly)


def test_a_missing_value_is_not_considered_and_not_unexpected(spark: SparkSession):
    orders = spark.createDataFrame([("a", 5), ("b", -1), ("c", None)], "id string, amount int")
    compiled = compile_check(a_check("values_to_be_between", column="amount", min_value=0), types(orders))
    actual = orders.select("id", compiled.considered.alias("considered"), compiled.unexpected.alias("unexpected"))
    expected = spark.createDataFrame(
        [("a", True, False), ("b", True, True), ("c", False, False)],
        "id string, considered boolean, unexpected boolean",
    )
    assert_df_equality(actual, expected, ignore_nullable=True)


def test_text_that_is_no_number_passes_a_bound_as_in_great_expectations(spark: SparkSession):
    rows = spark.createDataFrame([("7",), ("-1",), ("abc",)], "text string")
    compiled = compile_check(a_check("values_to_be_between", column="text", min_value=0), types(rows))
    assert [row[0] for row in rows.select(compiled.unexpected).collect()] == [False, True, False]


def test_a_time_without_a_zone_is_utc_whatever_the_zone_of_the_machine(spark: SparkSession, monkeypatch: Any):
    rows = spark.sql("SELECT timestamp'2024-12-31 10:00:00' AS at UNION ALL SELECT timestamp'2024-12-31 10:00:01'")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    limit = datetime(2024, 12, 31, 10)
    compiled = compile_check(a_check("values_to_be_between", column="at", max_value=limit), types(rows))
    unexpected = [row[0] for row in rows.select(compiled.unexpected).collect()]
    monkeypatch.undo()
    time.tzset()
    assert sorted(unexpected) == [False, True]


def test_a_null_in_a_set_lets_everything_pass_so_a_contract_may_not_say_it(spark: SparkSession):
    check = a_check("values_to_be_in_set", column="kind", value_set=["a", None])
    with pytest.raises(RunFailed, match="holds null"):
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


def test_the_counts_of_all_checks_come_from_one_pass(spark: SparkSession):
    rows = spark.createDataFrame([(1, "a"), (-5, None), (None, "b")], "n int, s string")
    checks = [
        a_check("values_to_be_between", column="n", min_value=0),
        a_check("values_to_be_in_set", column="n", value_set=[1, -5]),
        a_check("values_to_not_be_null", column="s"),
        a_check("values_to_be_in_set", 0.5, column="s", value_set=["a"]),
    ]
    compiled = [(check, compile_check(check, types(rows))) for check in checks]
    seen = Observation()
    rows.observe(seen, *tally_columns(compiled)).collect()
    results = read_tally(checks, seen.get, rows_read=3)
    assert [(r.success, r.element_count, r.missing_count, r.unexpected_count) for r in results] == [
        (False, 3, 1, 1),
        (True, 3, 1, 0),
        (False, 3, None, 1),
        (True, 3, 1, 1),  # one of two is half, and half is enough
    ]


def test_rows_that_several_checks_consider_are_counted_once(spark: SparkSession):
    rows = spark.createDataFrame([(1, "a")], "n int, s string")
    checks = [a_check("values_to_be_between", column="n", min_value=i) for i in range(3)]
    compiled = [(check, compile_check(check, types(rows))) for check in checks]
    assert rows.agg(*tally_columns(compiled)).columns == ["u0", "u1", "u2", "c0"]


def types(frame: Any) -> dict[str, Any]:
    return {field.name: field.dataType for field in frame.schema}
