"""A clean music catalogue from a seed: artists, albums, tracks, audio features, playlists. No row has faults yet."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from headgate.demo.name_parts import ADJECTIVES, GENRES, NOUNS, ODD_NAMES, PLACES, PLAYLIST_WORDS, VERBS

Row = dict[str, str]  # by the names of the source files

_LETTERS = string.digits + string.ascii_letters


@dataclass(frozen=True)
class Sizes:
    """How many of each; the defaults are a small streaming catalogue."""

    artists: int = 2_000
    albums: int = 4_200
    tracks: int = 18_600
    playlists: int = 240
    listings: int = 24_000
    plays: int = 6_000


@dataclass(frozen=True)
class Catalogue:
    """The rows of each source, clean, in a fixed order."""

    artists: Sequence[Row]
    albums: Sequence[Row]
    tracks: Sequence[Row]
    features: Sequence[Row]
    playlist_tracks: Sequence[Row]


def catalogue(rng: Random, sizes: Sizes) -> Catalogue:
    """The same seed and sizes always give the same rows."""
    artists = [_artist(rng, place) for place in range(sizes.artists)]
    albums = [_album(rng, _some(rng, artists)) for _ in range(sizes.albums)]
    fame = {artist["artist_id"]: rng.gauss(42, 14) for artist in artists}
    pairs = [_track(rng, _some(rng, albums), fame) for _ in range(sizes.tracks)]
    tracks, features = [track for track, _ in pairs], [measured for _, measured in pairs]
    return Catalogue(artists, albums, tracks, features, _listings(rng, tracks, sizes))


def new_id(rng: Random) -> str:
    """22 letters and digits, as the streaming service's identifiers have."""
    return "".join(rng.choices(_LETTERS, k=22))


def _some(rng: Random, rows: Sequence[Row]) -> Row:
    """One of the rows; a few of them much more often than the others, as with fame."""
    return rows[int(len(rows) * rng.random() ** 1.6)]


def _artist(rng: Random, place: int) -> Row:
    names = ODD_NAMES[place] if place < len(ODD_NAMES) else f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"
    several = f"{names} {rng.choice(PLACES)}" if place >= len(ODD_NAMES) and rng.random() < 0.6 else names
    return {"artist_id": new_id(rng), "name": several}


def _album(rng: Random, artist: Row) -> Row:
    name = f"{rng.choice(VERBS)} {rng.choice(NOUNS)}" + (", Vol. 2" if rng.random() < 0.05 else "")
    year = min(2025, int(2026 - rng.expovariate(1 / 9)))
    day = f"{max(year, 1958)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    known = rng.random()
    date = day if known > 0.06 else day[:7] if known > 0.05 else day[:4]  # some are known by month, some by year
    return {"album_id": new_id(rng), "artist_id": artist["artist_id"], "name": name, "release_date": date}


def _track(rng: Random, album: Row, fame: dict[str, float]) -> tuple[Row, Row]:
    dance, energy = _share(rng, 0.65, 0.15), _share(rng, 0.68, 0.19)
    liking = fame[album["artist_id"]] + 18 * (dance - 0.65) - 9 * (energy - 0.68) + rng.gauss(0, 12)
    name = f"{rng.choice(VERBS)} {rng.choice(('the', 'my', 'your', 'a'))} {rng.choice(NOUNS)}"
    if rng.random() < 0.04:
        name += f' - "{rng.choice(PLACES)}" Remix, Live'
    track = {
        "track_id": new_id(rng),
        "name": name,
        "artist_id": album["artist_id"],
        "album_id": album["album_id"],
        "popularity": str(max(0, min(100, round(liking)))),
        "duration_ms": str(int(rng.gauss(215_000, 45_000)) % 480_000 + 30_000),
    }
    return track, _features(rng, track, dance, energy)


def _features(rng: Random, track: Row, dance: float, energy: float) -> Row:
    return {
        "track_id": track["track_id"],
        "danceability": _number(dance),
        "energy": _number(energy),
        "key": str(rng.randint(0, 11)),
        "loudness": f"{-abs(rng.gauss(6, 3)):.3f}",
        "mode": str(int(rng.random() < 0.57)),
        "speechiness": _number(rng.random() ** 3 * 0.6),
        "acousticness": _number(rng.random() ** 2),
        "instrumentalness": f"{rng.random() ** 9 * 1e-2:.2e}",  # as the service writes it: 9.43e-06
        "liveness": _number(rng.random() * 0.5),
        "valence": _number(rng.random()),
        "tempo": f"{rng.gauss(121, 26) % 160 + 50:.3f}",
        "duration_ms": track["duration_ms"],
    }


def _listings(rng: Random, tracks: Sequence[Row], sizes: Sizes) -> list[Row]:
    playlists = [_playlist(rng) for _ in range(sizes.playlists)]
    listed: dict[tuple[str, ...], Row] = {}
    while len(listed) < sizes.listings:
        row = {**rng.choice(playlists), "track_id": _some(rng, tracks)["track_id"]}
        listed.setdefault((row["playlist_id"], row["track_id"], row["genre"], row["subgenre"]), row)
    return list(listed.values())


def _playlist(rng: Random) -> Row:
    genre = rng.choice(sorted(GENRES))
    subgenre = rng.choice(GENRES[genre])
    name = f"{rng.choice(PLAYLIST_WORDS)} {subgenre.title()}"
    return {"playlist_id": new_id(rng), "playlist_name": name, "genre": genre, "subgenre": subgenre}


def _share(rng: Random, middle: float, spread: float) -> float:
    return max(0.0, min(1.0, rng.gauss(middle, spread)))


def _number(share: float) -> str:
    return f"{share:.3f}".rstrip("0").rstrip(".")
