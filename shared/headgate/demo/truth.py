"""The truth: the counts and answers that the lake must give, computed from what was planted, without the library."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import floor
from pathlib import Path
from typing import Any

from headgate.demo.catalogue import Row
from headgate.demo.delivery import Shelf

Truth = dict[str, Any]
_NOTHING = ("", "NA")


def truth(shelves: Sequence[Shelf], seed: int) -> Truth:
    """Counts by dataset and mart, and the answers to the questions that the demo asks."""
    tables = {shelf.dataset: list(shelf.final.values()) for shelf in shelves}
    tracks = _catalogue(tables)
    bands, genres = _by_band(tracks), _by_genre_and_year(tables["playlist_tracks"], tracks)
    return {
        "seed": seed,
        "datasets": {shelf.dataset: _counts(shelf) for shelf in shelves},
        "marts": {
            "track_catalogue": len(tracks),
            "artist_popularity": len({track["artist_id"] for track in tracks}),
            "features_against_popularity": len(bands),
            "genre_by_year": len(genres),
            "artist_plays": len(_artists_played(tables["plays"], tracks)),
        },
        "top_artists": _top_artists(tracks),
        "popularity_by_danceability_and_energy": bands,
        "tracks_by_genre": _tracks_by_genre(genres),
    }


def write_truth(content: Truth, file: Path) -> None:
    """Write the truth beside the files that it describes."""
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _counts(shelf: Shelf) -> dict[str, Any]:
    return {
        "read": shelf.read,
        "published": len(shelf.final),
        "superseded": shelf.superseded,
        "skipped": 0,
        "quarantined": shelf.quarantined,
        "files_refused": len(shelf.whole),
        "failing": dict(sorted(shelf.failing.items())),
    }


def _catalogue(tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """One entry per track, with what the other tables know about it."""
    names = {row["artist_id"]: _text(row["name"]) for row in tables["artists"]}
    years = {(row["album_id"], row["artist_id"]): _year(row["release_date"]) for row in tables["albums"]}
    measured = {row["track_id"]: row for row in tables["features"]}
    return [
        {
            "track_id": track["track_id"],
            "artist_id": track["artist_id"],
            "artist": names.get(track["artist_id"]),
            "year": years.get((track["album_id"], track["artist_id"])),
            "popularity": int(track["popularity"]),
            "features": measured.get(track["track_id"]),
        }
        for track in tables["tracks"]
    ]


def _top_artists(tracks: Iterable[Mapping[str, Any]], most: int = 10) -> list[list[Any]]:
    by_name: dict[str, list[int]] = defaultdict(list)
    for track in tracks:
        if track["artist"] is not None:
            by_name[track["artist"]].append(track["popularity"])
    ranked = sorted(by_name.items(), key=lambda item: (-_average(item[1]), item[0].encode()))
    return [[name, _average(popularity), len(popularity)] for name, popularity in ranked[:most]]


def _by_band(tracks: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    by_band: dict[tuple[float, float], list[int]] = defaultdict(list)
    for track in tracks:
        if track["features"] is not None:
            row = track["features"]
            by_band[_band(row["danceability"]), _band(row["energy"])].append(track["popularity"])
    return [[*band, _average(popularity), len(popularity)] for band, popularity in sorted(by_band.items())]


def _by_genre_and_year(
    listings: Iterable[Row], tracks: Iterable[Mapping[str, Any]]
) -> dict[tuple[str, int | None], set[str]]:
    years = {track["track_id"]: track["year"] for track in tracks}
    genres: dict[tuple[str, int | None], set[str]] = defaultdict(set)
    for row in listings:
        if row["track_id"] in years:
            genres[row["genre"], years[row["track_id"]]].add(row["track_id"])
    return genres


def _artists_played(plays: Iterable[Row], tracks: Iterable[Mapping[str, Any]]) -> set[str]:
    artists = {track["track_id"]: track["artist_id"] for track in tracks}
    return {artists[play["track"]] for play in plays if play["track"] in artists}


def _tracks_by_genre(genres: Mapping[tuple[str, int | None], set[str]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for (genre, _), tracks in sorted(genres.items(), key=lambda item: item[0][0]):
        total[genre] += len(tracks)
    return dict(total)


def _text(text: str) -> str | None:
    return None if text.strip() in _NOTHING else text.strip()


def _year(date: str) -> int | None:
    return None if date in _NOTHING else int(date[:4])


def _band(share: str) -> float:
    return min(floor(float(share) * 5), 4) / 5


def _average(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers)
