"""Plant what goes wrong in real deliveries, and enter each row in the book while planting it.

Every dataset gets a few files with headers of their own, full copies, older and newer versions of rows, values that
are not what they claim, and some a file that must be refused whole.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from headgate.demo.catalogue import Catalogue, Row, new_id
from headgate.demo.delivery import MORE, Delivery, Shelf

_BAD_ID = "not-an-id"
_LATIN_1 = "Caf\udce9 del Mar"  # the byte E9: é in Latin-1, and no UTF-8


@dataclass
class Drawn:
    """Rows of a source in a random order, dealt out so that no row gets two fates."""

    rows: list[Row]

    def take(self, count: int) -> list[Row]:
        """The next rows; they are not dealt again."""
        taken, self.rows = self.rows[:count], self.rows[count:]
        return taken


def drawn(rng: Random, rows: Sequence[Row]) -> Drawn:
    """The rows in an order of chance."""
    return Drawn(rng.sample(rows, len(rows)))


def _at(month: str, day: int = 2) -> datetime:
    year, number = month.split("-")
    return datetime(int(year), int(number), day, 6, tzinfo=UTC)


def planted(rng: Random, clean: Catalogue) -> list[Shelf]:
    """The shelves of all five sources, every delivery in a random order."""
    shelves = [
        _artists(rng, clean),
        _albums(rng, clean),
        _tracks(rng, clean),
        _features(rng, clean),
        _lists(rng, clean),
    ]
    for shelf in shelves:
        shelf.shuffle(rng)
    return shelves


def _artists(rng: Random, clean: Catalogue) -> Shelf:
    columns = ("artist_id", "name")
    shelf = Shelf("artists", ("artist_id",), [
        Delivery("2025-10.csv", _at("2025-10"), columns),
        Delivery("2025-11.csv.gz", _at("2025-11"), ("name", "artist_id"), bom=True),
        Delivery("2026-01.csv", _at("2026-01"), columns, called={"name": "Artist", "artist_id": "artist_id\u00a0"}),
    ])  # fmt: skip
    left = drawn(rng, clean.artists)
    for row in left.take(25):
        shelf.plant(row, 0)
        shelf.copy(row, rng.choice((1, 2)))
    for row in left.take(40):
        shelf.plant(row, 0)
        shelf.newer({**row, "name": f"{row['name'].strip()} (formerly {rng.randint(2, 9)} Others)"}, 2)
    for row in left.take(4):
        shelf.plant({**row, "name": "NA"}, 1)
    for row in left.take(3):
        shelf.refused({**row, "artist_id": ""}, 1, "artist_id.not_null")
    for row in left.take(2):
        shelf.refused({**row, "artist_id": _BAD_ID}, 2, "artist_id.matches")
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 0, 1)))
    return shelf


def _albums(rng: Random, clean: Catalogue) -> Shelf:
    columns = ("album_id", "name", "release_date", "artist_id")
    shelf = Shelf("albums", ("album_id", "artist_id"), [
        Delivery("2025-10.csv", _at("2025-10"), columns),
        Delivery("2026-01.csv.gz", _at("2026-01"), tuple(reversed(columns)), called={"name": "title"}),
    ])  # fmt: skip
    shelf.whole["2026-02.csv.gz"] = gzip.compress(_lines(clean.albums, columns), mtime=0)[:2000]  # the upload broke off
    left = drawn(rng, clean.albums)
    for row in left.take(60):
        shelf.plant(row, 1)
        shelf.copy(row, 0)
    for row in left.take(6):
        wrong = rng.choice(("31/12/1999", "soon", "2024-13-01", "2023-02-30"))
        shelf.warned({**row, "release_date": wrong}, 0, "release_date.type", {**row, "release_date": ""})
    for row in left.take(5):
        shelf.plant({**row, "release_date": "NA"}, 1)
    for row in left.take(8):
        shelf.refused({**row, "album_id": ""}, 0, "album_id.not_null")
    for row in left.take(30):  # an album of two artists: two rows, two keys
        shelf.plant(row, 1)
        shelf.plant({**row, "artist_id": _another(rng, clean.artists, row)["artist_id"]}, 1)
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 1)))
    return shelf


def _tracks(rng: Random, clean: Catalogue) -> Shelf:
    columns = ("track_id", "name", "artist_id", "album_id", "popularity", "duration_ms")
    shelf = Shelf("tracks", ("track_id",), [
        Delivery("2025-q3.csv", _at("2025-10"), columns),
        Delivery("2025-q4.csv.gz", _at("2025-12"), (*columns[2:], *columns[:2]), bom=True),
        Delivery("2026-01.csv", _at("2026-01"), columns, called={"name": "Title", "duration_ms": " duration "}),
        Delivery("restored-backup.csv", _at("2025-08"), columns),  # older than everything else, whatever its name says
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
    """Rows that are published all the same."""
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
    """Rows for the quarantine; their tracks have no other row, so the catalogue goes without them."""
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
        shelf.refused({**row, "track_id": _BAD_ID, "popularity": "?"}, 2, "track_id.matches", "popularity.type")
    for row in left.take(7):  # an unquoted comma makes one value too many
        shelf.refused({**row, MORE: "Live"}, 0)
    for row in left.take(2):
        shelf.refused({**row, "name": _LATIN_1}, 0)


def _features(rng: Random, clean: Catalogue) -> Shelf:
    columns = tuple(clean.features[0])
    shelf = Shelf("features", ("track_id",), [
        Delivery("part-1.csv.gz", _at("2025-12"), columns),
        Delivery("part-2.csv", _at("2026-01"), tuple(sorted(columns)), called={"tempo": "BPM"}, bom=True),
    ])  # fmt: skip
    shelf.whole["sample.csv"] = _lines(clean.features[:50], ("track_id", "danceability"))  # lacks what is required
    left = drawn(rng, clean.features)
    for row in left.take(350):
        shelf.plant(row, 0)
        shelf.copy(row, rng.choice((0, 1)))
    for row in left.take(15):
        shelf.refused({**row, "danceability": rng.choice(("1.4", "-0.2", "73"))}, 0, "danceability.between")
    for row in left.take(10):
        shelf.refused({**row, "energy": rng.choice(("n/a", "0,73", "NaN"))}, 1, "energy.type")
    for row in left.take(6):
        shelf.refused({**row, "key": "12"}, 0, "musical_key.between")
    for row in left.take(5):
        fast = {**row, "tempo": "999.9"}
        shelf.warned(fast, 1, "tempo.between", fast)
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 1)))
    return shelf


def _lists(rng: Random, clean: Catalogue) -> Shelf:
    columns = ("playlist_id", "playlist_name", "genre", "subgenre", "track_id")
    shelf = Shelf("playlist_tracks", ("playlist_id", "track_id", "genre", "subgenre"), [
        Delivery("editors.csv", _at("2025-12"), columns),
        Delivery("listeners-1.csv.gz", _at("2026-01"), tuple(sorted(columns))),
        Delivery("listeners-2.csv", _at("2026-01"), columns, called={"playlist_name": "playlist"}),
    ])  # fmt: skip
    left = drawn(rng, clean.playlist_tracks)
    for row in left.take(200):
        shelf.plant(row, 1)
        shelf.copy(row, rng.choice((0, 2)))
    for row in left.take(18):
        shelf.refused({**row, "genre": "polka"}, 0, "genre.in_set")
    for row in left.take(11):
        shelf.refused({**row, "subgenre": ""}, 2, "subgenre.not_null")
    for row in left.take(25):  # tracks that no delivery of tracks knows
        shelf.plant({**row, "track_id": new_id(rng)}, 2)
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 1, 2)))
    return shelf


def _another(rng: Random, artists: Sequence[Row], row: Row) -> Row:
    while (found := rng.choice(artists))["artist_id"] == row["artist_id"]:
        pass
    return found


def _lines(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    file = Delivery("", _at("2026-02"), columns, rows=list(rows))
    return file.content()
