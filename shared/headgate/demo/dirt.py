"""Plant what goes wrong in real deliveries, and enter each row in the book while planting it.

Every dataset gets a few files with headers of their own, full copies, older and newer versions of rows, values that
are not what they claim, and some a file that must be refused whole.
"""

from __future__ import annotations

from random import Random

from headgate.demo.catalogue import Catalogue
from headgate.demo.delivery import Shelf
from headgate.demo.dirt_artists import albums, artists
from headgate.demo.dirt_features import features, playlist_tracks
from headgate.demo.dirt_tracks import tracks

_SOURCES = (artists, albums, tracks, features, playlist_tracks)


def planted(rng: Random, clean: Catalogue) -> list[Shelf]:
    """The shelves of all five sources, every delivery in a random order."""
    shelves = [source(rng, clean) for source in _SOURCES]
    for shelf in shelves:
        shelf.shuffle(rng)
    return shelves
