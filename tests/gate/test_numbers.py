"""Numbers with other signs, and sentinels: what Python's Decimal says of the plain number holds for the written one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from headgate.contract.model import Column
from headgate.gate.cast import typed_text
from headgate.lake.catalog import SESSION

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)  # an example is a Spark job
EUROPEAN = {"type": "decimal(12,2)", "decimal": ",", "thousands": "."}
NO = "refused"


def test_groups_between_thousands_signs_have_three_digits(spark: SparkSession) -> None:
    texts = ["1.234,50", "1.234.567", "1234,5", ",5", "-1.234", "1.23,4", "12,34.5", "1.2345", "2.5", "1,234", "1..234"]
    expected = ["1234.50", "1234567.00", "1234.50", "0.50", "-1234.00", NO, NO, NO, NO, NO, NO]
    assert values(spark, EUROPEAN, texts) == [NO if each == NO else Decimal(each) for each in expected]


def test_integers_and_doubles_take_the_words_too(spark: SparkSession) -> None:
    assert values(spark, {"type": "int", "thousands": ","}, ["1,234", "12,34", "1234", "5.0"]) == [1234, NO, 1234, NO]
    assert values(spark, {"type": "double", "decimal": ","}, ["1,5e3", "1.5", "NaN"]) == [1500.0, NO, NO]
    assert values(spark, {"type": "array<int>", "thousands": "'"}, ['["1\'000","2"]', '["1,000"]']) == [[1000, 2], NO]


def test_characters_are_stripped_from_both_ends_and_behind_the_sign(spark: SparkSession) -> None:
    spec = {"type": "decimal(8,2)", "decimal": ",", "thousands": " ", "strip": " %€"}
    texts = ["€ 1 234,50", "-€ 5", "12,5 %", "1\u202f234\u00a0€", "1€5", "€", "5-"]
    expected = [Decimal("1234.50"), Decimal("-5.00"), Decimal("12.50"), Decimal("1234.00"), NO, NO, NO]
    assert values(spark, spec, texts) == expected


def test_rounding_goes_with_other_signs(spark: SparkSession) -> None:
    assert values(spark, {**EUROPEAN, "round": "half_up"}, ["1.234,505", "1,2"]) == [
        Decimal("1234.51"),
        Decimal("1.20"),
    ]


def test_sentinels_are_compared_as_values(spark: SparkSession) -> None:
    assert values(spark, {"type": "int", "sentinels": (-999,)}, ["-999", "-999.0", "66.0", "5"]) == [None, None, NO, 5]
    small = {"type": "decimal(5,2)", "sentinels": (-999, "99999")}
    assert values(spark, small, ["-999.000", "99999", "1.5"]) == [None, None, Decimal("1.50")]
    assert values(spark, {"type": "float", "sentinels": (-999.9,)}, ["-999.9", "1"]) == [None, 1.0]
    assert values(spark, {**EUROPEAN, "sentinels": ("-999,00",)}, ["-999", "1"]) == [None, Decimal("1.00")]


def test_a_mapped_text_is_looked_up_trimmed_and_before_null_texts(spark: SparkSession) -> None:
    spec = {"type": "int", "map": {"one": "1", "none": ""}}
    assert values(spark, spec, [" one ", "none", "2", "two"]) == [1, None, 2, NO]
    assert values(spark, {"type": "string", "map": {"UK": "GB"}}, ["UK", " UK", "uk"]) == ["GB", " UK", "uk"]


@settings(max_examples=4, deadline=None, suppress_health_check=SLOW)
@given(
    numbers=st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=40, max_size=80),
    signs=st.sampled_from((",.", ".,", ",'", ", ", ".\u2019")),
)
def test_written_numbers_come_back_exactly(spark: SparkSession, numbers: list[Decimal], signs: str) -> None:
    point, group = signs
    texts = [f"{number:,}".translate(str.maketrans({".": point, ",": group})) for number in numbers]
    spec = {"type": "decimal(12,2)", "decimal": point, "thousands": group}
    assert values(spark, spec, texts) == numbers


@settings(max_examples=4, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.text("0123456789.,-+ ", min_size=1, max_size=9), min_size=40, max_size=80))
def test_a_text_is_a_number_only_if_it_is_the_plain_one_with_groups_of_three(
    spark: SparkSession, texts: list[str]
) -> None:
    assert values(spark, EUROPEAN, texts) == [_plain(text.strip()) for text in texts]


def _plain(text: str) -> Any:
    """The number of a text by another way than a regular expression: write the plain number, and compare."""
    if not text:
        return None
    try:
        number = Decimal(text.replace(".", "").replace(",", "."))
    except ArithmeticError:
        return NO
    digits, _, decimals = text.lstrip("+-").partition(",")
    first, *groups = digits.split(".")
    grouped = not groups or (0 < len(first) < 4 and all(len(group) == 3 for group in groups))
    sane = (
        not set(" .") & set(decimals)
        and " " not in text
        and len(decimals) <= 2
        and text.count(",") < 2
        and abs(number) < 10**10
    )
    return number.quantize(Decimal("0.01")) if grouped and sane and (digits or decimals) else NO


def values(spark: SparkSession, spec: dict[str, Any], texts: list[str]) -> list[Any]:
    """What each text becomes in a column, in order."""
    for key, setting in SESSION.items():
        spark.conf.set(key, setting)
    typed = typed_text(F.col("text"), Column(name="c", **spec), ("",))
    rows = spark.createDataFrame(list(enumerate(texts)), "at int, text string")
    fault = F.coalesce(typed.fault, F.lit(False))
    found = rows.select("at", typed.value.alias("value"), fault.alias("fault")).orderBy("at").collect()
    return [NO if row["fault"] else row["value"] for row in found]
