"""The table of Spark's functions is what Spark's registry says."""

from __future__ import annotations

from pyspark.sql import SparkSession

from headgate.contract.functions import CHANCE, CLOCK, FILE, PLACE, function_kinds
from headgate.spark.functions import function_table


def test_the_table_of_functions_is_fresh(spark: SparkSession) -> None:
    how = "python -m headgate.spark.functions > shared/headgate/contract/spark_functions.txt"
    assert FILE.read_text(encoding="utf-8") == function_table(spark), how


def test_every_function_of_the_clock_of_chance_and_of_a_place_is_one_of_spark(spark: SparkSession) -> None:
    known = function_table(spark).split()
    assert {*CLOCK, *CHANCE, *PLACE} - {*known} == {"session_user"}  # of a later Spark


def test_a_function_has_one_kind() -> None:
    kinds = function_kinds()
    wanted = {"sum": "aggregate", "explode": "generator", "lag": "window", "uuid": "chance", "now": "clock"}
    assert {name: kinds[name] for name in wanted} == wanted
    assert kinds["cast"] == kinds["abs"] == "scalar"
