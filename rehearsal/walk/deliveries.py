"""Small deliveries of new rows to the music contracts, for a lake that has been loaded.

Each row has a number, so that it differs from every row of the demo.
"""

from __future__ import annotations

from collections.abc import Iterable

FEATURES = ("track_id", "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
            "instrumentalness", "liveness", "valence", "tempo")  # fmt: skip
_HEADERS = {
    "artists": ("artist_id", "name"),
    "albums": ("album_id", "name", "release_date", "artist_id"),
    "tracks": ("track_id", "name", "artist_id", "album_id", "popularity", "duration_ms"),
    "features": FEATURES,
    "playlist_tracks": ("playlist_id", "playlist_name", "genre", "subgenre", "track_id"),
}


def named(kind: str, number: int) -> str:
    """An identifier of 22 letters and digits."""
    return f"{kind}{number:0{22 - len(kind)}d}"


def delivery(dataset: str, numbers: Iterable[int]) -> str:
    """A CSV with a row for each number."""
    rows = [",".join(map(str, _row(dataset, number))) for number in numbers]
    return "\n".join([",".join(_HEADERS[dataset]), *rows]) + "\n"


def _row(dataset: str, number: int) -> tuple[object, ...]:
    artist, album, track = (named(kind, number) for kind in ("Artist", "Album", "Track"))
    return {
        "artists": (artist, f"Artist {number}"),
        "albums": (album, f"Album {number}", "2026-01-01", artist),
        "tracks": (track, f"Track {number}", artist, album, 50, 180000),
        "features": (track, 0.5, 0.5, 1, -5.0, 1, 0.1, 0.1, 0.1, 0.1, 0.5, 120.0),
        "playlist_tracks": (named("Playlist", number), "Late", "pop", "dance pop", track),
    }[dataset]
