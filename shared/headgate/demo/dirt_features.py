"""Audio features and playlists: values out of range, a sample without what is required, an unknown genre."""

from __future__ import annotations

from random import Random

from headgate.demo.catalogue import Catalogue, new_id
from headgate.demo.deal import arrived, content_of, drawn
from headgate.demo.delivery import Delivery, Shelf


def features(rng: Random, clean: Catalogue) -> Shelf:
    """Two files of features and a sample."""
    columns = tuple(clean.features[0])
    shelf = Shelf("features", ("track_id",), [
        Delivery("part-1.csv.gz", arrived("2025-12"), columns),
        Delivery("part-2.csv", arrived("2026-01"), tuple(sorted(columns)), called={"tempo": "BPM"}, bom=True),
    ])  # fmt: skip
    shelf.whole["sample.csv"] = content_of(clean.features[:50], ("track_id", "danceability"))  # lacks what is required
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


def playlist_tracks(rng: Random, clean: Catalogue) -> Shelf:
    """Three files of playlists."""
    columns = ("playlist_id", "playlist_name", "genre", "subgenre", "track_id")
    shelf = Shelf("playlist_tracks", ("playlist_id", "track_id", "genre", "subgenre"), [
        Delivery("editors.csv", arrived("2025-12"), columns),
        Delivery("listeners-1.csv.gz", arrived("2026-01"), tuple(sorted(columns))),
        Delivery("listeners-2.csv", arrived("2026-01"), columns, called={"playlist_name": "playlist"}),
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
