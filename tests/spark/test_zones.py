"""Local times become instants as the rules of their zone say, in every zone and around every change of its clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from depth import at_depth
from headgate.lake.catalog import SESSION
from headgate.spark.zones import clock_of, instant

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)  # an example is a Spark job
Answer = datetime | None

# Whole hours, half an hour, a whole day skipped, changes at midnight, summer times below zero, no change at all.
ZONES = ("Europe/Rome", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca",
         "Europe/Dublin", "America/New_York", "Pacific/Kwajalein", "Asia/Tehran", "America/Juneau",
         "UTC", "Asia/Kolkata")  # fmt: skip


def test_a_time_that_the_clocks_skip_is_refused_or_moved_by_what_they_skip(spark: SparkSession) -> None:
    skipped = datetime(2024, 3, 31, 2, 30)
    assert answers(spark, [skipped], "Europe/Rome") == [None]
    assert answers(spark, [skipped], "Europe/Rome", nonexistent="earlier") == [datetime(2024, 3, 31, 0, 30)]
    assert answers(spark, [skipped], "Europe/Rome", nonexistent="later") == [datetime(2024, 3, 31, 1, 30)]
    assert answers(spark, [skipped], "Europe/Rome", nonexistent="shift") == [datetime(2024, 3, 31, 1, 30)]


def test_a_time_that_the_clocks_show_twice_is_refused_or_one_of_the_two(spark: SparkSession) -> None:
    twice = datetime(2024, 10, 27, 2, 30)
    assert answers(spark, [twice], "Europe/Rome") == [None]
    assert answers(spark, [twice], "Europe/Rome", ambiguous="earlier") == [datetime(2024, 10, 27, 0, 30)]
    assert answers(spark, [twice], "Europe/Rome", ambiguous="later") == [datetime(2024, 10, 27, 1, 30)]


def test_the_first_and_the_last_moment_of_a_change_are_told_apart(spark: SparkSession) -> None:
    local = [datetime.fromisoformat(f"2024-10-27 {at}") for at in ("01:59:59", "02:00", "02:59:59", "03:00")]
    assert [each is None for each in answers(spark, local, "Europe/Rome")] == [False, True, True, False]
    local = [datetime.fromisoformat(f"2024-03-31 {at}") for at in ("01:59:59", "02:00", "02:59:59", "03:00")]
    assert [each is None for each in answers(spark, local, "Europe/Rome")] == [False, True, True, False]


def test_a_zone_without_changes_costs_no_comparison() -> None:
    assert clock_of("UTC").repeats == () and not clock_of("UTC").skips
    assert clock_of("Australia/Lord_Howe").repeats == (1800, 2180, 3600)


@settings(max_examples=6, deadline=None, suppress_health_check=SLOW)
@given(data=st.data(), zone=st.sampled_from(ZONES), ambiguous=st.sampled_from(("refuse", "earlier", "later")))
def test_local_times_are_what_pythons_zones_say(spark: SparkSession, data, zone: str, ambiguous: str) -> None:
    check(spark, data, zone, ambiguous)


@pytest.mark.deep
@settings(max_examples=at_depth(200, 10), deadline=None, suppress_health_check=SLOW)
@given(data=st.data(), zone=st.sampled_from(ZONES), ambiguous=st.sampled_from(("refuse", "earlier", "later")))
def test_many_local_times_are_what_pythons_zones_say(spark: SparkSession, data, zone: str, ambiguous: str) -> None:
    check(spark, data, zone, ambiguous)


def check(spark: SparkSession, data: st.DataObject, zone: str, ambiguous: str) -> None:
    nonexistent = data.draw(st.sampled_from(("refuse", "earlier", "later")))
    first = data.draw(st.integers(1920, 2036))  # where Python and Java have the same rules of old times
    changes = list(changes_of(zone, first)) or [datetime(first, 1, 1)]
    minutes = data.draw(st.lists(st.integers(-1500, 1500), min_size=30, max_size=60))
    local = [change + timedelta(minutes=minute) for change in changes for minute in minutes]
    expected = [as_python(each, zone, nonexistent, ambiguous) for each in local]
    assert answers(spark, local, zone, nonexistent, ambiguous) == expected


def answers(
    spark: SparkSession, local: list[datetime], zone: str, nonexistent: str = "refuse", ambiguous: str = "refuse"
) -> list[Answer]:
    for key, setting in SESSION.items():
        spark.conf.set(key, setting)
    rows = spark.createDataFrame([(at, str(each)) for at, each in enumerate(local)], "at int, local string")
    moment = instant(F.col("local").cast("timestamp"), zone, nonexistent, ambiguous)  # type: ignore[arg-type]
    found = rows.select("at", moment.cast("timestamp_ntz").alias("moment")).orderBy("at").collect()
    return [row["moment"] for row in found]


def as_python(local: datetime, zone: str, nonexistent: str, ambiguous: str) -> Answer:
    """PEP 495: `fold` tells the two times of an overlap apart, and the two offsets at a gap."""
    both = [_utc(local.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1)]
    if both[0] == both[1]:
        return both[0]
    exists = _shown(both[0], zone) == local
    chosen = ambiguous if exists else nonexistent
    return None if chosen == "refuse" else (min if chosen == "earlier" else max)(both)


def changes_of(zone: str, year: int) -> list[datetime]:
    """The local times around which the zone's clocks change in a year."""
    hours = (datetime(year, 1, 1) + timedelta(hours=hour) for hour in range(24 * 366))
    shown = [(each, _shown(each, zone) - each) for each in hours]
    return [_shown(now[0], zone) for before, now in pairwise(shown) if before[1] != now[1]]


def _shown(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
