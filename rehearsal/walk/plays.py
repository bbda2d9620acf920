"""Raw files of plays, by month, and the result that the SQL ETL must make of them.

Raw tables need files of one layout, and the demo's senders change theirs on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

MONTHS = ("2026-01", "2026-02", "2026-03")
_COUNTRIES = ("be", "de", "nl")
_HEADER = "play_id,track_id,country,seconds"
_PER_MONTH = 60


class Play(NamedTuple):
    """One line; `seconds` is text, since some lines have no number there."""

    number: int
    track: str
    country: str
    seconds: str


def upload_plays(s3: Any, bucket: str) -> list[Play]:
    """Put a file of each month into its folder; returns every play."""
    every = list[Play]()
    for position, month in enumerate(MONTHS):
        plays = list(_of_month(position))
        lines = [_HEADER, *(",".join(map(str, play)) for play in plays)]
        key = f"staging/plays/month={month}/plays.csv"
        s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode() + b"\n")
        every += plays
    return every


def _of_month(position: int) -> Iterator[Play]:
    for number in range(position * _PER_MONTH, (position + 1) * _PER_MONTH):
        seconds = "n/a" if number % 29 == 0 else str(30 + number % 200)
        country = "" if number % 31 == 0 else _COUNTRIES[number % 3]
        yield Play(number, f"track-{number % 7}", country, seconds)


def by_country(plays: list[Play]) -> list[list[Any]]:
    """The rows that the view must have: track, plays, seconds, months and country, by country and track."""
    groups: dict[tuple[str, str], list[Play]] = defaultdict(list)
    for play in plays:
        if play.country:
            groups[play.country, play.track].append(play)
    return [
        [track, len(group), _seconds(group), len({play.number // _PER_MONTH for play in group}), country]
        for (country, track), group in sorted(groups.items())
    ]


def _seconds(plays: list[Play]) -> int | None:
    known = [int(play.seconds) for play in plays if play.seconds.isdigit()]
    return sum(known) if known else None
