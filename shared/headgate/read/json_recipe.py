"""What a contract reads from JSON: its paths, parsed once, and small enough to send to Spark's workers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.contract.json_path import Path, parse_path, spelled

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.contract.types import DataType


@dataclass(frozen=True)
class Way:
    """A path from the record (`base` 0) or from the current element of an exploded list (`base` 1, 2 …)."""

    base: int
    parts: Path
    text: str  # the path as messages spell it


@dataclass(frozen=True)
class Wanted:
    """One column: its name, the paths to it (the first that exists in a record counts), its declared type."""

    name: str
    ways: tuple[Way, ...]
    data_type: DataType
    nested: bool


@dataclass(frozen=True)
class Recipe:
    """What a contract reads from JSON; it can be pickled."""

    columns: tuple[Wanted, ...]
    lists: tuple[Way, ...]
    records: Path
    encoding: str


def recipe(contract: Contract, encoding: str) -> Recipe:
    """The contract's paths, parsed once. Raises `ValueError` for a path that cannot be read."""
    exploded = sorted((parse_path(text) for text in contract.source.explode), key=len)
    lists = tuple(_way(path, exploded[:i]) for i, path in enumerate(exploded))
    columns = tuple(
        Wanted(c.name, tuple(_way(parse_path(n), exploded) for n in (c.source_name, *c.aliases)), c.data_type, c.nested)
        for c in contract.read_columns
    )
    records = parse_path(contract.source.records) if contract.source.records else ()
    return Recipe(columns, lists, records, encoding)


def _way(path: Path, exploded: Sequence[Path]) -> Way:
    above = [i for i, prefix in enumerate(exploded) if path[: len(prefix)] == prefix]
    if not above:
        return Way(0, path, spelled(path))
    nearest = max(above, key=lambda i: len(exploded[i]))
    rest = path[len(exploded[nearest]) :]
    return Way(nearest + 1, rest, spelled(rest))
