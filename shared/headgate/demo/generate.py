"""Make the demo's raw files and their truth: the same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from headgate.demo.catalogue import Sizes, catalogue
from headgate.demo.delivery import write_shelf
from headgate.demo.dirt import planted
from headgate.demo.dirt_plays import plays
from headgate.demo.truth import Truth, truth, write_truth

SEED = 2026


@dataclass(frozen=True)
class Generated:
    """The raw files: where they are, what they must result in, which were just written, which the demo did not make."""

    staging: Path
    truth: Truth
    files: tuple[Path, ...]
    written: tuple[Path, ...]
    strangers: tuple[Path, ...]


def generate(folder: Path, seed: int = SEED, sizes: Sizes | None = None) -> Generated:
    """Write `staging/` and `truth.json` below `folder`; files that exist already and are unchanged stay as they are."""
    rng = Random(seed)
    made = sizes or Sizes()
    clean = catalogue(rng, made)
    shelves = [*planted(rng, clean), plays(Random(seed + 1), clean, made.plays)]
    staging = folder / "staging"
    files: list[Path] = []
    written: list[Path] = []
    for shelf in shelves:
        ours, new = write_shelf(shelf, staging)
        files += ours
        written += new
    expected = truth(shelves, seed)
    write_truth(expected, folder / "truth.json")
    flattened = [staging / shelf.dataset for shelf in shelves if shelf.folder]
    others = (file for file in staging.rglob("*") if file.is_file() and file not in set(files))
    strangers = sorted(file for file in others if file.parent not in flattened)
    return Generated(staging, expected, tuple(files), tuple(written), tuple(strangers))
