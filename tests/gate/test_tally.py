"""The counts of all row checks come from one pass."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Observation, SparkSession

from headgate.checks.check import Check
from headgate.contract.types import parse_type
from headgate.gate.compile import Compiled, compile_check
from headgate.gate.tally import read_tally, tally_columns

TYPES = {"n": parse_type("int"), "s": parse_type("string")}


def a_check(expect: str, mostly: float | None = None, **kwargs: Any) -> Check:
    return Check(f"check-{expect}", f"expect_column_{expect}", kwargs, "warn", "row", mostly=mostly)


def compiled(checks: list[Check]) -> list[tuple[Check, Compiled]]:
    return [(check, compile_check(check, TYPES)) for check in checks]


def test_the_counts_of_all_checks_come_from_one_pass(spark: SparkSession):
    rows = spark.createDataFrame([(1, "a"), (-5, None), (None, "b")], "n int, s string")
    checks = [
        a_check("values_to_be_between", column="n", min_value=0),
        a_check("values_to_be_in_set", column="n", value_set=[1, -5]),
        a_check("values_to_not_be_null", column="s"),
        a_check("values_to_be_in_set", 0.5, column="s", value_set=["a"]),
    ]
    seen = Observation()
    rows.observe(seen, *tally_columns(compiled(checks))).collect()
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
    assert rows.agg(*tally_columns(compiled(checks))).columns == ["u0", "u1", "u2", "c0"]
