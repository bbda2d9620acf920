"""Compiled checks give the results and counts of Great Expectations itself, on rows chosen to be awkward."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from pyspark.sql import DataFrame, SparkSession
from row_cases import few_cases, random_rows, row_cases

from depth import at_depth
from headgate.checks.check import Check, CheckResult
from headgate.checks.table import CHECKS
from headgate.contract.types import parse_type
from headgate.gate.compile import compile_check
from headgate.gate.tally import read_tally, tally_columns
from headgate.publish.audit import audit


@pytest.fixture(scope="module", autouse=True)
def utc() -> Iterator[None]:
    """Great Expectations reads a time without a zone in the zone of the machine; Headgate always in UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def compiled_results(frame: DataFrame, checks: list[Check]) -> list[CheckResult]:
    types = {field.name: parse_type(field.dataType.simpleString()) for field in frame.schema}
    tallied = [(check, compile_check(check, types)) for check in checks]
    observed = frame.agg(*tally_columns(tallied)).collect()[0].asDict()
    return read_tally(checks, observed, frame.count())


def at_hand(frame: DataFrame) -> DataFrame:
    """The same rows as a list in the driver, where Great Expectations' many small queries need no Spark job."""
    java = frame.sparkSession._jsparkSession
    return DataFrame(java.createDataFrame(frame._jdf.collectAsList(), frame._jdf.schema()), frame.sparkSession)


def figures(result: CheckResult) -> tuple[object, ...]:
    counts = (result.element_count, result.missing_count, result.unexpected_count or 0)
    return (result.check.expect, dict(result.check.kwargs), result.check.mostly, result.success, *counts)


def assert_same(frame: DataFrame, checks: list[Check]) -> None:
    ours = [figures(result) for result in compiled_results(frame, checks)]
    theirs = [figures(result) for result in audit(at_hand(frame), checks)]
    assert [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]] == []


def test_the_cases_have_every_compiled_expectation_at_least_twice():
    expects = [check.expect for check in row_cases()]
    compiled = {entry.expect for entry in CHECKS.values() if entry.kind == "compiled"}
    assert {expect for expect in compiled if expects.count(expect) >= 2} == compiled


def test_random_rows_get_the_results_and_counts_of_great_expectations(spark: SparkSession):
    assert_same(random_rows(spark, seed=1, rows=150, nulls=0.15), row_cases())


def test_rows_without_any_value_get_the_results_of_great_expectations(spark: SparkSession):
    assert_same(random_rows(spark, seed=2, rows=3, nulls=1.0), few_cases())


def test_no_rows_at_all_get_the_results_of_great_expectations(spark: SparkSession):
    assert_same(random_rows(spark, seed=3, rows=0, nulls=0.0), few_cases())


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(100, at_depth(112, 104)))
def test_more_random_rows_get_the_results_and_counts_of_great_expectations(spark: SparkSession, seed: int):
    assert_same(random_rows(spark, seed=seed, rows=1 + 37 * (seed % 7), nulls=(seed % 4) / 4), row_cases())
