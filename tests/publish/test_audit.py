"""Great Expectations judges the table; a check that cannot run stops the run; suites and results are in its format."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from headgate.checks.check import Check, CheckResult, Otherwise
from headgate.checks.refusal import refusals
from headgate.checks.suite import result_document, suite_document
from headgate.checks.table import CHECKS
from headgate.contract.types import parse_type
from headgate.errors import RunFailed
from headgate.publish.audit import audit


def table_check(expect: str, otherwise: Otherwise = "stop", **kwargs: Any) -> Check:
    return Check(f"{kwargs.get('column', 'table')}.{expect}", expect, kwargs, otherwise, "batch")


TABLE_CHECKS = [
    table_check("expect_column_values_to_be_unique", column="id"),
    table_check("expect_column_values_to_be_unique", column="kind"),
    table_check("expect_compound_columns_to_be_unique", column_list=["id", "kind"]),
    table_check("expect_column_distinct_values_to_be_in_set", column="kind", value_set=["a", "b"]),
    table_check("expect_column_distinct_values_to_contain_set", column="kind", value_set=["a"]),
    table_check("expect_column_distinct_values_to_equal_set", column="kind", value_set=["a", "c"]),
    table_check("expect_column_most_common_value_to_be_in_set", column="kind", value_set=["a"], ties_okay=True),
    table_check("expect_column_unique_value_count_to_be_between", column="kind", min_value=2, max_value=2),
    table_check("expect_column_proportion_of_unique_values_to_be_between", column="id", min_value=1),
    table_check("expect_column_proportion_of_non_null_values_to_be_between", column="kind", min_value=0.9),
    table_check("expect_column_max_to_be_between", column="day", max_value="2024-12-31"),
    table_check("expect_column_min_to_be_between", column="amount", min_value=1, strict_min=True),
    table_check("expect_column_mean_to_be_between", column="amount", min_value=2, max_value=3),
    table_check("expect_column_median_to_be_between", column="id", min_value=1, max_value=4),
    table_check("expect_column_stdev_to_be_between", column="amount", min_value=0),
    table_check("expect_column_sum_to_be_between", column="id", min_value=10, max_value=10),
    table_check("expect_column_quantile_values_to_be_between", column="id",
                quantile_ranges={"quantiles": [0.5], "value_ranges": [[1, 3]]}),
    table_check("expect_column_value_z_scores_to_be_less_than", column="id", threshold=3, double_sided=True),
    table_check("expect_column_values_to_not_be_outliers", column="id", method="iqr", multiplier=1.5),
    table_check("expect_column_values_to_be_json_parseable", column="kind"),
    table_check("expect_column_to_exist", column="id", column_index=0),
    table_check("expect_column_type_to_be", column="id", type_="IntegerType"),
    table_check("expect_column_values_to_be_of_type", column="kind", type_="StringType"),
    table_check("expect_column_values_to_be_in_type_list", column="id", type_list=["LongType", "IntegerType"]),
    table_check("expect_table_column_count_to_be_between", min_value=4, max_value=4),
    table_check("expect_table_column_count_to_equal", value=4),
    table_check("expect_table_columns_to_match_ordered_list", column_list=["id", "kind", "day", "amount"]),
    table_check("expect_table_columns_to_match_set", column_set=["kind", "id"], exact_match=False),
    table_check("expect_table_row_count_to_be_between", min_value=1, max_value=4, strict_max=True),
    table_check("expect_table_row_count_to_equal", otherwise="warn", value=4),
]  # fmt: skip

BROKEN = {1, 5, 9, 11, 19, 28}  # kinds repeat, "c" is absent, one kind is missing, 1.0 is not above 1, "a" is not JSON


@pytest.fixture(scope="module")
def orders(spark: SparkSession) -> DataFrame:
    rows = [(1, "a", date(2024, 1, 1), 1.0), (2, "b", date(2024, 2, 1), 2.0),
            (3, "a", date(2024, 3, 1), 3.0), (4, None, None, 4.0)]  # fmt: skip
    java = spark.createDataFrame(rows, "id int, kind string, day date, amount double").selectExpr("*", "'r' as _run")
    local = spark._jsparkSession.createDataFrame(java._jdf.collectAsList(), java._jdf.schema())
    return DataFrame(local, spark)  # rows in the driver: no job for each of the many small queries


@pytest.fixture(scope="module")
def audited(orders: DataFrame) -> list[CheckResult]:
    return audit(orders, TABLE_CHECKS)


def test_great_expectations_runs_every_table_level_check_and_none_is_refused(orders: DataFrame):
    fields = [field for field in orders.schema if not field.name.startswith("_")]
    types = {field.name: parse_type(field.dataType.simpleString()) for field in fields}
    assert {check.expect for check in TABLE_CHECKS} == {e.expect for e in CHECKS.values() if e.kind == "gx"}
    assert [refusals(check.expect, check.kwargs, check.scope, types) for check in TABLE_CHECKS] == [[]] * 30


def test_the_results_come_in_the_order_of_the_checks(audited: list[CheckResult]):
    assert [result.check for result in audited] == TABLE_CHECKS
    assert {i for i, result in enumerate(audited) if not result.success} == BROKEN


def test_a_result_keeps_counts_samples_and_the_observed_value(audited: list[CheckResult]):
    kinds, rows = audited[1], audited[-1]
    assert (kinds.element_count, kinds.missing_count, kinds.unexpected_count) == (4, 1, 2)
    assert list(kinds.samples) == ["a", "a"]
    assert rows.observed_value == 4


def test_columns_of_ours_are_not_shown_to_great_expectations(audited: list[CheckResult]):
    counted = next(r for r in audited if r.check.expect == "expect_table_column_count_to_equal")
    assert counted.observed_value == 4  # and not five, with `_run`


def test_no_checks_cost_nothing(orders: DataFrame):
    assert audit(orders, []) == []


def test_a_check_that_great_expectations_drops_stops_the_run(orders: DataFrame):
    dropped = Check("kind.odd", "expect_column_values_to_be_odd", {"column": "kind"}, "stop", "batch")
    with pytest.raises(
        RunFailed, match=r"check `kind\.odd`: Great Expectations dropped `expect_column_values_to_be_odd`"
    ):
        audit(orders, [TABLE_CHECKS[-1], dropped])


def test_a_check_that_raises_stops_the_run(orders: DataFrame):
    raising = Check("nothing.unique", "expect_column_values_to_be_unique", {"column": "nothing"}, "stop", "batch")
    with pytest.raises(RunFailed, match=r"check `nothing.unique`: `\w+` could not be run: .*nothing"):
        audit(orders, [raising])


def test_what_spark_could_not_run_is_told_without_its_plan(orders: DataFrame):
    condition = {"row_condition": "nosuch > 1", "condition_parser": "spark"}
    raising = Check("c", "expect_column_values_to_be_unique", {"column": "kind", **condition}, "stop", "batch")
    with pytest.raises(RunFailed) as raised:
        audit(orders, [raising])
    assert "could not be run: A column or function parameter with name `nosuch` cannot be resolved" in raised.value.what
    assert not any(noise in raised.value.what for noise in ("+-", "[UNRESOLVED", "line 1", "#"))


def test_a_check_with_arguments_that_great_expectations_does_not_take_stops_the_run(orders: DataFrame):
    odd = Check("kind.unique", "expect_column_values_to_be_unique", {"column": "kind", "odd": 1}, "stop", "batch")
    with pytest.raises(RunFailed, match=r"check `kind\.unique`: Great Expectations does not take .*: `odd`: extra"):
        audit(orders, [odd])


def test_an_audit_leaves_no_cached_frame_no_file_and_no_output(
    spark: SparkSession, orders: DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
):
    monkeypatch.chdir(tmp_path)
    before = spark.sparkContext._jsc.getPersistentRDDs().size()  # type: ignore[union-attr]
    capfd.readouterr()
    audit(orders, TABLE_CHECKS[:3])
    written = capfd.readouterr()
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == before  # type: ignore[union-attr]
    assert os.listdir(tmp_path) == []
    assert "Calculating Metrics" not in written.err + written.out


ROW_CHECKS = [
    Check("id.not_null", "expect_column_values_to_not_be_null", {"column": "id"}, "quarantine", "row", 0.01),
    Check("day.between", "expect_column_values_to_be_between",
          {"column": "day", "min_value": date(2024, 1, 1)}, "warn", "row", mostly=0.9),
    Check("kind.in_set", "expect_column_values_to_be_in_set", {"column": "kind", "value_set": ("a",)}, "warn", "row"),
]  # fmt: skip


def test_great_expectations_loads_a_suite_that_was_written_and_judges_with_it(orders: DataFrame):
    import great_expectations as gx
    from great_expectations.core.expectation_suite import expectationSuiteSchema

    document = json.loads(json.dumps(suite_document("orders", [*ROW_CHECKS, *TABLE_CHECKS[:2]], {"dataset": "orders"})))
    suite = gx.ExpectationSuite(**expectationSuiteSchema.load(document))
    assert len(suite.expectations) == 5
    assert suite.to_json_dict()["expectations"] == document["expectations"]
    context = gx.get_context(mode="ephemeral")
    frames = context.data_sources.add_spark("s", persist=False).add_dataframe_asset("f")
    batch = frames.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": orders})
    held = {r.expectation_config.meta["headgate"]["id"]: r.success for r in batch.validate(suite).results}
    assert held == {
        "id.not_null": True,
        "day.between": True,
        "kind.in_set": False,
        "id.expect_column_values_to_be_unique": True,
        "kind.expect_column_values_to_be_unique": False,
    }


def test_a_suite_has_headgates_otherwise_scope_and_limit():
    written = suite_document("orders", ROW_CHECKS, {})["expectations"]
    assert written[0]["meta"]["headgate"] == {
        "id": "id.not_null", "otherwise": "quarantine", "scope": "row", "at_most": 0.01,
    }  # fmt: skip
    assert written[1]["kwargs"] == {"column": "day", "min_value": "2024-01-01", "mostly": 0.9}


def test_a_result_document_has_the_shape_that_great_expectations_writes(orders: DataFrame, audited: list[CheckResult]):
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema

    theirs = audit(orders, [*ROW_CHECKS, TABLE_CHECKS[1]])
    ours = [CheckResult(r.check, r.success, r.element_count, r.missing_count, r.unexpected_count, samples=r.samples)
            for r in theirs]  # fmt: skip
    document = json.loads(json.dumps(result_document("orders", ours, {"run": "r1"})))
    assert [one["result"] for one in document["results"]] == [dict(result.details) for result in theirs]
    assert document["statistics"] == {
        "evaluated_expectations": 4,
        "successful_expectations": 2,
        "unsuccessful_expectations": 2,
        "success_percent": 50.0,
    }
    loaded = ExpectationSuiteValidationResultSchema().load(document)
    assert loaded.to_json_dict() == document
    json.dumps(result_document("orders", audited, {}), allow_nan=False)


def test_the_result_of_no_rows_has_no_percentages():
    empty = result_document("orders", [CheckResult(ROW_CHECKS[1], True, 0, 0, 0)], {})["results"][0]["result"]
    assert (empty["unexpected_percent"], empty["missing_percent"], empty["unexpected_count"]) == (None, None, 0)
