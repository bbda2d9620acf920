"""Tracks: copies, older and newer versions, odd rows that are published, bad rows that are not, and an error page."""

from __future__ import annotations

from random import Random

from headgate.demo.catalogue import Catalogue
from headgate.demo.deal import BAD_ID, Drawn, arrived, drawn
from headgate.demo.delivery import MORE, Delivery, Shelf

_LATIN_1 = "Caf\udce9 del Mar"  # the byte E9: é in Latin-1, not valid UTF-8


def tracks(rng: Random, clean: Catalogue) -> Shelf:
    """Four files of tracks, of which the last is older than its name suggests, and a web page instead of a fifth."""
    columns = ("track_id", "name", "artist_id", "album_id", "popularity", "duration_ms")
    shelf = Shelf("tracks", ("track_id",), [
        Delivery("2025-q3.csv", arrived("2025-10"), columns),
        Delivery("2025-q4.csv.gz", arrived("2025-12"), (*columns[2:], *columns[:2]), bom=True),
        Delivery("2026-01.csv", arrived("2026-01"), columns, called={"name": "Title", "duration_ms": " duration "}),
        Delivery("restored-backup.csv", arrived("2025-08"), columns),  # older than all of them
    ])  # fmt: skip
    shelf.whole["2026-02.csv"] = b"<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>\n"
    left = drawn(rng, clean.tracks)
    _versions(rng, shelf, left)
    _odd_tracks(rng, shelf, left)
    _bad_tracks(rng, shelf, left)
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 0, 1, 2)))
    return shelf


def _versions(rng: Random, shelf: Shelf, left: Drawn) -> None:
    for row in left.take(700):
        shelf.plant(row, 1)
        shelf.copy(row, rng.choice((0, 1, 2)))
    for row in left.take(450):
        shelf.plant(row, rng.choice((0, 1)))
        shelf.newer({**row, "popularity": str(rng.randint(0, 100))}, 2)
    for row in left.take(250):
        shelf.plant(row, rng.choice((0, 1, 2)))
        shelf.older({**row, "popularity": str(rng.randint(0, 100))}, 3)


def _odd_tracks(rng: Random, shelf: Shelf, left: Drawn) -> None:
    """Odd rows that are published anyway."""
    for row in left.take(12):
        shelf.plant({**row, "name": "NA"}, 0)
    for row in left.take(20):
        shelf.plant({**row, "duration_ms": "NA"}, 1)
    for row in left.take(15):
        shelf.plant({**row, "popularity": f" {row['popularity']} "}, 2)
    for row in left.take(9):
        shelf.warned({**row, "duration_ms": "3:45"}, 0, "duration_ms.type", {**row, "duration_ms": ""})
    for row in left.take(6):
        short = {**row, "duration_ms": str(rng.randint(1, 999))}
        shelf.warned(short, 2, "duration_ms.between", short)


def _bad_tracks(rng: Random, shelf: Shelf, left: Drawn) -> None:
    """Rows for the quarantine; their tracks have no other row, so the catalogue does not have them."""
    for row in left.take(40):
        shelf.refused({**row, "popularity": rng.choice(("high", "66.0", "7 7", "1e2"))}, 0, "popularity.type")
    for row in left.take(25):
        shelf.refused({**row, "popularity": rng.choice(("-1", "101", "250"))}, 1, "popularity.between")
    for row in left.take(20):
        shelf.refused({**row, "popularity": rng.choice(("", "NA"))}, 2, "popularity.not_null")
    for row in left.take(10):
        shelf.refused({**row, "track_id": ""}, 0, "track_id.not_null")
    for row in left.take(12):
        shelf.refused({**row, "track_id": row["track_id"][:-1]}, 1, "track_id.matches")
    for row in left.take(5):  # two reasons, one row
        shelf.refused({**row, "track_id": BAD_ID, "popularity": "?"}, 2, "track_id.matches", "popularity.type")
    for row in left.take(7):  # an unquoted comma makes one value too many
        shelf.refused({**row, MORE: "Live"}, 0)
    for row in left.take(2):
        shelf.refused({**row, "name": _LATIN_1}, 0)
