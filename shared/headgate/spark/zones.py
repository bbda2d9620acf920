"""Local times as instants: hours that the clocks of a zone skip or show twice are found, never moved or merged.

Java knows the rules of every zone from its first to its last change, so nothing here knows an hour or a year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any, Literal

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

Nonexistent = Literal["refuse", "earlier", "later", "shift"]
Ambiguous = Literal["refuse", "earlier", "later"]

# Java prints `Transition[Gap at 2024-03-31T02:00+01:00 to +02:00]` and `TransitionRule[Overlap +02:00 to +01:00, …]`.
_CHANGE = re.compile(r"(Gap|Overlap) (?:at \S+?T[\d:.]+)?(Z|[+-][\d:]+) to (Z|[+-][\d:]+)")


@dataclass(frozen=True)
class Clock:
    """How a zone's clocks change: whether they ever skip time, and the lengths in seconds by which they go back."""

    skips: bool
    repeats: tuple[int, ...]


def instant(local: Column, zone: str, nonexistent: Nonexistent = "refuse", ambiguous: Ambiguous = "refuse") -> Column:
    """The instant of a local time in a zone; null where the time does not exist or exists twice, unless allowed.

    `local` is the local time as a timestamp in UTC (a `timestamp_ntz` cast in a session whose zone is UTC).
    """
    clock = clock_of(zone)
    moment = F.to_utc_timestamp(local, zone)  # Java takes the earlier of two, and moves on a time that is skipped
    if clock.repeats and ambiguous != "earlier":
        again = [_later(moment, seconds) for seconds in clock.repeats]
        twice = [F.from_utc_timestamp(second, zone) == local for second in again]
        if ambiguous == "refuse":
            moment = F.when(~reduce(or_, twice), moment)
        else:
            ways = zip(twice, again, strict=True)
            moment = reduce(lambda rest, way: F.when(way[0], way[1]).otherwise(rest), ways, moment)
    return _existing(local, moment, zone, nonexistent) if clock.skips else moment


def _existing(local: Column, moment: Column, zone: str, nonexistent: Nonexistent) -> Column:
    if nonexistent in ("later", "shift"):
        return moment
    shown = F.from_utc_timestamp(moment, zone)
    if nonexistent == "refuse":
        return F.when(shown == local, moment)
    # The clock shows more than the text says, by what was skipped; that much before is the text by the other offset.
    return F.when(shown > local, moment - (shown - local)).otherwise(moment)


def _later(moment: Column, seconds: int) -> Column:
    return moment + F.expr(f"INTERVAL {seconds} SECOND")


@lru_cache(maxsize=1024)
def clock_of(zone: str) -> Clock:
    """The changes of a zone's clocks, from Java, which Spark asks for every value as well."""
    session = SparkSession.getActiveSession()
    jvm: Any = session.sparkContext._jvm if session else None
    rules = jvm.org.apache.spark.sql.catalyst.util.DateTimeUtils.getZoneId(zone).getRules()
    changes = list(_changes(f"{rules.getTransitions().toString()} {rules.getTransitionRules().toString()}"))
    backward = {before - after for before, after in changes if before > after}
    return Clock(any(before < after for before, after in changes), tuple(sorted(backward)))


def _changes(text: str) -> Iterator[tuple[int, int]]:
    """The offsets before and after each change, in seconds."""
    for match in _CHANGE.finditer(text):
        yield _seconds(match[2]), _seconds(match[3])


def _seconds(offset: str) -> int:
    if offset == "Z":
        return 0
    hours, minutes, seconds = (*map(int, offset[1:].split(":")), 0, 0)[:3]
    return (-1 if offset[0] == "-" else 1) * (hours * 3600 + minutes * 60 + seconds)
