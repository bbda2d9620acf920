"""A mart's rows in the shape that the gate takes."""

from __future__ import annotations

from pyspark.sql import SparkSession

from headgate.mart.query import unread
from tables import assert_table, table


def test_rows_of_a_query_have_no_origin_and_no_fault_of_a_reader(spark: SparkSession) -> None:
    built = unread(table(spark, "artist string, tracks bigint", ("a", 2)))
    assert_table(
        built,
        "artist string, tracks bigint, _object string, _arrival timestamp, _faults array<string>, _raw string, "
        "_file_fault string, _skip string",
        ("a", 2, None, None, [], None, None, None),
    )
