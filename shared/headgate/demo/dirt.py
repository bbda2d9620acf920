"""Plant the faults of real deliveries, and count each row while planting it.

Every dataset gets a few files with different headers, copies, older and newer versions of rows, and invalid values;
some also get a file that must be refused as a whole.
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
    """The shelves of all five sources, with the rows of each delivery in a random order."""
    shelves = [source(rng, clean) for source in _SOURCES]
    for shelf in shelves:
        shelf.shuffle(rng)
    return shelves
