"""Dates and times from texts: zones, centuries, fractions and years, as Python's own dates know them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from headgate.contract.model import Column
from headgate.gate.cast import typed_text
from headgate.lake.catalog import SESSION

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)  # an example is a Spark job
QUICK = settings(max_examples=4, deadline=None, suppress_health_check=SLOW)
NO = "refused"


def test_the_zone_of_the_column_holds_for_texts_without_one(spark: SparkSession) -> None:
    spec = {"type": "timestamp", "formats": ("yyyy-MM-dd'T'HH:mm[:ss[.SSS]][XXX]",), "timezone": "Europe/Rome"}
    assert values(
        spark, spec, ["2024-07-01T10:00:00+02:00", "2024-07-01T10:00:00", "2024-07-01T10:00Z", "2024-07-01T10:00:00.5"]
    ) == [
        datetime(2024, 7, 1, 8),
        datetime(2024, 7, 1, 8),
        datetime(2024, 7, 1, 10),
        datetime(2024, 7, 1, 8, 0, 0, 500_000),
    ]


@pytest.mark.parametrize(("letters", "zone"), [("VV", "Asia/Tokyo"), ("z", "JST"), ("O", "GMT+9"), ("xx", "+0900")])
def test_an_optional_zone_may_be_written_in_any_way(spark: SparkSession, letters: str, zone: str) -> None:
    spec = {"type": "timestamp", "formats": (f"yyyy-MM-dd HH:mm[ {letters}]",), "timezone": "America/New_York"}
    found = values(spark, spec, [f"2024-01-15 09:00 {zone}", "2024-01-15 09:00"])
    assert found == [datetime(2024, 1, 15), datetime(2024, 1, 15, 14)]


def test_a_date_with_a_time_of_day_is_a_date_only_at_midnight_unless_cut(spark: SparkSession) -> None:
    spec = {"type": "date", "formats": ("yyyy-MM-dd HH:mm:ss",)}
    texts = ["2024-05-01 00:00:00", "2024-05-01 00:00:01"]
    assert values(spark, spec, texts) == [date(2024, 5, 1), NO]
    assert values(spark, {**spec, "round": "truncate"}, texts) == [date(2024, 5, 1), date(2024, 5, 1)]


def test_years_are_one_to_9999(spark: SparkSession) -> None:
    spec = {"type": "date", "formats": ("yyyy-MM-dd",)}
    texts = ["0001-01-01", "9999-12-31", "1582-10-10", "0000-12-31", "-0044-03-15", "+10000-01-01"]
    assert values(spark, spec, texts) == [date(1, 1, 1), date(9999, 12, 31), date(1582, 10, 10), NO, NO, NO]
    spec = {"type": "timestamp", "formats": ("yyyy-MM-dd HH:mm",), "timezone": "America/New_York"}
    assert values(spark, spec, ["0001-01-01 00:00", "9999-12-31 23:00"]) == [datetime(1, 1, 1, 4, 56, 2), NO]


def test_a_time_of_day_is_a_text_that_compares_as_times_do(spark: SparkSession) -> None:
    spec = {"type": "time", "formats": ("HH:mm[:ss[.SSSSSSSSS]]", "h:mm a")}
    texts = ["08:00", "23:59:59", "10:00:00.50", "1:30 pm", "24:00", "08:60", "10:00:00.1234567"]
    assert values(spark, spec, texts) == ["08:00:00", "23:59:59", "10:00:00.5", "13:30:00", NO, NO, NO]
    rounded = {**spec, "round": "half_up"}
    assert values(spark, rounded, ["10:00:00.1234567", "23:59:59.9999999"]) == ["10:00:00.123457", NO]


@QUICK
@given(first=st.integers(1, 9900), days=st.lists(st.dates(date(1, 1, 1), date(9998, 12, 31)), min_size=40, max_size=80))
def test_years_of_two_digits_are_of_the_hundred_years_from_the_first(
    spark: SparkSession, first: int, days: list[date]
) -> None:
    spec = {"type": "date", "formats": ("dd.MM.yy",), "century_from": first}
    texts = [day.strftime("%d.%m.") + f"{day.year % 100:02}" for day in days]
    assert values(spark, spec, texts) == [_in_century(day, first) for day in days]


def _in_century(day: date, first: int) -> date | str:
    try:
        return day.replace(year=first + (day.year - first) % 100)
    except ValueError:
        return NO  # 29 February of a year that is not a leap year there


@QUICK
@given(
    rounding=st.sampled_from((None, "half_up", "truncate")),
    nanos=st.lists(st.integers(0, 999_999_999), min_size=40, max_size=80),
    digits=st.integers(7, 9),
)
def test_a_fraction_beyond_six_digits_is_refused_or_rounded(
    spark: SparkSession, rounding: str | None, nanos: list[int], digits: int
) -> None:
    spec: dict[str, Any] = {"type": "timestamp_ntz", "formats": ("yyyy-MM-dd HH:mm:ss[.SSSSSSSSS]",)}
    spec |= {"round": rounding} if rounding else {}
    fractions = [f"{each:09}"[:digits] for each in nanos]
    texts = [f"2024-05-01 10:00:58.{fraction}" for fraction in fractions]
    assert values(spark, spec, texts) == [_rounded(fraction, rounding) for fraction in fractions]


def _rounded(fraction: str, rounding: str | None) -> datetime | str:
    exact = Decimal(f"0.{fraction}")
    kept = exact.quantize(Decimal("0.000001"), ROUND_HALF_UP if rounding == "half_up" else ROUND_DOWN)
    if rounding is None and kept != exact:
        return NO
    micros = int(kept * 1_000_000)
    return datetime(2024, 5, 1, 10, 0, 58 + micros // 1_000_000, micros % 1_000_000)


@QUICK
@given(st.lists(st.times(), min_size=40, max_size=80))
def test_times_of_day_come_back_as_they_were_and_in_their_order(spark: SparkSession, times: list[time]) -> None:
    spec = {"type": "time", "formats": ("HH:mm:ss.SSSSSS",)}
    found = values(spark, spec, [each.isoformat("microseconds") for each in times])
    assert [time.fromisoformat(text.ljust(15, "0") if "." in text else text) for text in found] == times
    assert sorted(found) == [text for _, text in sorted(zip(times, found, strict=True))]


def values(spark: SparkSession, spec: dict[str, Any], texts: list[str]) -> list[Any]:
    """What each text becomes in a column, in order."""
    for key, setting in SESSION.items():
        spark.conf.set(key, setting)
    typed = typed_text(F.col("text"), Column(name="c", **spec), ("",))
    rows = spark.createDataFrame(list(enumerate(texts)), "at int, text string")
    value = typed.value.cast("timestamp_ntz") if spec["type"] == "timestamp" else typed.value
    found = rows.select("at", value.alias("value"), typed.fault.alias("fault")).orderBy("at").collect()
    return [NO if row["fault"] else row["value"] for row in found]
