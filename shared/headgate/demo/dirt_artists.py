"""Artists and albums: renamed and repeated artists, dates of three precisions, an upload that broke off."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from random import Random

from headgate.demo.catalogue import Catalogue, Row
from headgate.demo.deal import BAD_ID, arrived, content_of, drawn
from headgate.demo.delivery import Delivery, Shelf


def artists(rng: Random, clean: Catalogue) -> Shelf:
    """Three files of artists, one of them with other names in its header."""
    columns = ("artist_id", "name")
    shelf = Shelf("artists", ("artist_id",), [
        Delivery("2025-10.csv", arrived("2025-10"), columns),
        Delivery("2025-11.csv.gz", arrived("2025-11"), ("name", "artist_id"), bom=True),
        Delivery("2026-01.csv", arrived("2026-01"), columns, called={"name": "Artist", "artist_id": "artist_id\u00a0"}),
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
        shelf.refused({**row, "artist_id": BAD_ID}, 2, "artist_id.matches")
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 0, 1)))
    return shelf


def albums(rng: Random, clean: Catalogue) -> Shelf:
    """Two files of albums and half of a third."""
    columns = ("album_id", "name", "release_date", "artist_id")
    shelf = Shelf("albums", ("album_id", "artist_id"), [
        Delivery("2025-10.csv", arrived("2025-10"), columns),
        Delivery("2026-01.csv.gz", arrived("2026-01"), tuple(reversed(columns)), called={"name": "title"}),
    ])  # fmt: skip
    shelf.whole["2026-02.csv.gz"] = gzip.compress(content_of(clean.albums, columns), mtime=0)[
        :2000
    ]  # the upload broke off
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


def _another(rng: Random, artists: Sequence[Row], row: Row) -> Row:
    while (other := rng.choice(artists))["artist_id"] == row["artist_id"]:
        pass
    return other
