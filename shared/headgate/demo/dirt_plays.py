"""Plays of tracks: JSON documents with nested objects, as players send them, and what they send wrongly."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from headgate.demo.catalogue import Catalogue, Row, new_id
from headgate.demo.deal import arrived, drawn
from headgate.demo.delivery import Delivery, Shelf
from headgate.lake.paths import incoming_folder

_OS = ("android", "ios", "web")
_VERSIONS = ("4.1.0", "4.2.0", "4.10.1")
_FROM = datetime(2026, 2, 1)
_FLAT = "_device_is_a_text"


@dataclass
class Document(Delivery):
    """One JSON document of plays: an object around the list, or the list itself."""

    alone: bool = False

    def content(self) -> bytes:
        """The document's bytes; numbers are written as they are in the rows."""
        plays = ",\n".join(_play(row) for row in self.rows)
        text = f"[\n{plays}\n]\n" if self.alone else f'{{"sent_by": "player", "plays": [\n{plays}\n]}}\n'
        return gzip.compress(text.encode(), mtime=0) if self.name.endswith(".gz") else text.encode()


def plays(rng: Random, clean: Catalogue, count: int) -> Shelf:
    """Three documents of plays, with a newer version of some plays in a later document."""
    shelf = Shelf("plays", ("id",), [
        Document("2026-02-01.json", arrived("2026-02", 1), ()),
        Document("2026-02-02.json.gz", arrived("2026-02", 2), ()),
        Document("2026-02-03.json", arrived("2026-02", 3), (), alone=True),
    ], folder=incoming_folder("plays"))  # fmt: skip
    left = drawn(rng, [_row(rng, clean) for _ in range(count)])
    for row in left.take(40):
        shelf.plant(row, 0)
        shelf.newer({**row, "at": _later(row["at"]), "ms": str(int(row["ms"]) + 1000)}, rng.choice((1, 2)))
    for row in left.take(30):
        shelf.plant(row, 0)
        shelf.copy(row, rng.choice((0, 1, 2)))
    for row in left.take(9):
        shelf.refused({**row, "track": ""}, 0, "track_id.not_null")
    for row in left.take(7):
        shelf.refused({**row, "ms": "-1"}, 1, "listened_ms.between")
    for row in left.take(5):
        shelf.refused({**row, "ms": '"n/a"'}, 2, "listened_ms.type")
    for row in left.take(4):
        shelf.refused({**row, "os": "toaster"}, 1, "os.in_set")
    for row in left.take(3):
        shelf.refused({**row, _FLAT: "yes"}, 2)
    for row in left.take(20):  # of tracks that no delivery knows
        shelf.plant({**row, "track": new_id(rng)}, 2)
    for row in left.rows:
        shelf.plant(row, rng.choice((0, 1, 2)))
    return shelf


def _row(rng: Random, clean: Catalogue) -> Row:
    track = clean.tracks[int(len(clean.tracks) * rng.random() ** 2)]
    at = _FROM + timedelta(seconds=rng.randrange(3 * 24 * 3600))
    return {
        "id": new_id(rng),
        "track": track["track_id"],
        "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ms": str(rng.randrange(1_000, int(track["duration_ms"]))),
        "os": rng.choice(_OS),
        "version": rng.choice(_VERSIONS),
        "playlist": rng.choice(clean.playlist_tracks)["playlist_id"] if rng.random() < 0.4 else "",
        "shuffle": rng.choice(("true", "false")),
    }


def _later(moment: str) -> str:
    return (datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ") + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _play(row: Row) -> str:
    device: Any = row["os"] if _FLAT in row else {"os": row["os"], "app": {"version": row["version"]}}
    rest = {
        "id": row["id"],
        "track": {"id": row["track"] or None},
        "at": row["at"],
        "device": device,
        "context": {"playlist": row["playlist"] or None, "shuffle": row["shuffle"] == "true"},
    }
    return f'{json.dumps(rest)[:-1]}, "ms": {row["ms"]}}}'
