"""Raw files of streams, by month, and the result that the SQL ETL must make of them.

Raw tables need files of one layout, and the demo's senders change theirs on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

MONTHS = ("2026-01", "2026-02", "2026-03")
_COUNTRIES = ("be", "de", "nl")
_HEADER = "stream_id,track_id,country,seconds"
_PER_MONTH = 60


class Stream(NamedTuple):
    """One line; `seconds` is text, since some lines have no number there."""

    number: int
    track: str
    country: str
    seconds: str


def upload_streams(s3: Any, bucket: str) -> list[Stream]:
    """Put a file of each month into its folder; returns every stream."""
    every = list[Stream]()
    for position, month in enumerate(MONTHS):
        streams = list(_of_month(position))
        lines = [_HEADER, *(",".join(map(str, stream)) for stream in streams)]
        key = f"staging/streams/month={month}/streams.csv"
        s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode() + b"\n")
        every += streams
    return every


def _of_month(position: int) -> Iterator[Stream]:
    for number in range(position * _PER_MONTH, (position + 1) * _PER_MONTH):
        seconds = "n/a" if number % 29 == 0 else str(30 + number % 200)
        country = "" if number % 31 == 0 else _COUNTRIES[number % 3]
        yield Stream(number, f"track-{number % 7}", country, seconds)


def by_country(streams: list[Stream]) -> list[list[Any]]:
    """The rows that the view must have: track, streams, seconds, months and country, by country and track."""
    groups: dict[tuple[str, str], list[Stream]] = defaultdict(list)
    for stream in streams:
        if stream.country:
            groups[stream.country, stream.track].append(stream)
    return [
        [track, len(group), _seconds(group), len({stream.number // _PER_MONTH for stream in group}), country]
        for (country, track), group in sorted(groups.items())
    ]


def _seconds(streams: list[Stream]) -> int | None:
    known = [int(stream.seconds) for stream in streams if stream.seconds.isdigit()]
    return sum(known) if known else None
