"""A contract's types are Spark's: the same spelling, and the same type."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from headgate.contract.types import SCALARS, parse_type
from headgate.spark.types import is_nested, spark_type

NESTED = {
    "array<int>": T.ArrayType(T.IntegerType()),
    "map<string,decimal(5,2)>": T.MapType(T.StringType(), T.DecimalType(5, 2)),
    "struct<year:int,shares:array<struct<who:string,share:double>>>": T.StructType(
        [
            T.StructField("year", T.IntegerType()),
            T.StructField(
                "shares",
                T.ArrayType(
                    T.StructType([T.StructField("who", T.StringType()), T.StructField("share", T.DoubleType())])
                ),
            ),
        ]
    ),
}


@pytest.mark.parametrize(
    "text", [*(name for name in SCALARS if name != "time"), "decimal(12,2)", "decimal(38,0)", *NESTED]
)
def test_a_type_is_spelled_and_read_as_by_spark(spark: SparkSession, text: str) -> None:
    ours = parse_type(text)
    theirs = spark.createDataFrame([], f"c {text}").schema["c"].dataType
    assert ours.ddl == theirs.simpleString() == text
    assert spark_type(ours) == theirs


def test_a_time_of_day_is_a_text_of_sparks() -> None:
    assert spark_type(parse_type("time")) == T.StringType()


@pytest.mark.parametrize(("text", "expected"), NESTED.items())
def test_a_nested_type_becomes_sparks(text: str, expected: T.DataType) -> None:
    assert spark_type(parse_type(text)) == expected
    assert is_nested(spark_type(parse_type(text)))
