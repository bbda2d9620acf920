"""Make the demo's raw files and their truth: the same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

from headgate.demo.catalogue import Sizes, catalogue
from headgate.demo.delivery import write_shelf
from headgate.demo.dirt import planted
from headgate.demo.truth import Truth, truth, write_truth

SEED = 2026


@dataclass(frozen=True)
class Generated:
    """Where the raw files lie, what they must lead to, which were written just now, and which are not the demo's."""

    staging: Path
    truth: Truth
    files: tuple[Path, ...]
    written: tuple[Path, ...]
    strangers: tuple[Path, ...]


def generate(folder: Path, seed: int = SEED, sizes: Sizes | None = None) -> Generated:
    """Write `staging/` and `truth.json` below `folder`; files that are there already, unchanged, are left alone."""
    rng = Random(seed)
    shelves = planted(rng, catalogue(rng, sizes or Sizes()))
    staging = folder / "staging"
    files: list[Path] = []
    written: list[Path] = []
    for shelf in shelves:
        ours, new = write_shelf(shelf, staging)
        files += ours
        written += new
    said = truth(shelves, seed)
    write_truth(said, folder / "truth.json")
    strangers = sorted(file for file in staging.rglob("*") if file.is_file() and file not in set(files))
    return Generated(staging, said, tuple(files), tuple(written), tuple(strangers))
