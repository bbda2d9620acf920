"""Raw files of plays, by month, and what the SQL ETL over them must come to: raw tables need files of one layout, which
the demo's senders do not keep on purpose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

MONTHS = ("2026-01", "2026-02", "2026-03")
_COUNTRIES = ("be", "de", "nl")
_HEADER = "play_id,track_id,country,seconds"
_EACH = 60  # plays of a month


class Play(NamedTuple):
    """One line; `seconds` is text, since a sender once wrote what is no number."""

    number: int
    track: str
    country: str
    seconds: str


def upload_plays(s3: Any, bucket: str) -> list[Play]:
    """Put a file of each month into its folder; returns every play."""
    every = list[Play]()
    for at, month in enumerate(MONTHS):
        plays = list(_of_month(at))
        lines = [_HEADER, *(",".join(map(str, play)) for play in plays)]
        key = f"staging/plays/month={month}/plays.csv"
        s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode() + b"\n")
        every += plays
    return every


def _of_month(at: int) -> Iterator[Play]:
    for number in range(at * _EACH, (at + 1) * _EACH):
        seconds = "n/a" if number % 29 == 0 else str(30 + number % 200)
        country = "" if number % 31 == 0 else _COUNTRIES[number % 3]
        yield Play(number, f"track-{number % 7}", country, seconds)


def by_country(plays: list[Play]) -> list[list[Any]]:
    """Track, plays, seconds, months and country, as the view must say, in the order of country and track."""
    found: dict[tuple[str, str], list[Play]] = defaultdict(list)
    for play in plays:
        if play.country:
            found[play.country, play.track].append(play)
    return [
        [track, len(these), _seconds(these), len({play.number // _EACH for play in these}), country]
        for (country, track), these in sorted(found.items())
    ]


def _seconds(plays: list[Play]) -> int | None:
    known = [int(play.seconds) for play in plays if play.seconds.isdigit()]
    return sum(known) if known else None
