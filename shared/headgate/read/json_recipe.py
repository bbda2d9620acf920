"""What a contract reads from JSON: its paths, parsed once, and small enough to send to Spark's workers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    given: bool = False  # by the path of its file: a record must not have it


@dataclass(frozen=True)
class Recipe:
    """What a contract reads from JSON; it can be pickled."""

    columns: tuple[Wanted, ...]
    lists: tuple[Way, ...]
    records: Path
    encoding: str
    taken: frozenset[tuple[int, Path, str]] = frozenset()  # the keys that the contract names exactly, with their place
    # For such a key, the last keys of each other column at its place, where one differs in nothing but its case.
    rivals: Mapping[tuple[int, Path, str], tuple[Sequence[str], ...]] = field(default_factory=dict)


def recipe(contract: Contract, encoding: str, given: Collection[str] = ()) -> Recipe:
    """The contract's paths, parsed once. Raises `ValueError` for a path that cannot be read.

    `given` are columns whose value is in the path of the file.
    """
    source = contract.source
    return recipe_of(contract.read_columns, source.explode, source.records, encoding, given)


def recipe_of(
    read: Sequence[Any], explode: Sequence[str], records: str | None, encoding: str, given: Collection[str] = ()
) -> Recipe:
    """The same of a contract's parts; `read` are its columns, or those of a plan for flattening."""
    exploded = sorted((parse_path(text) for text in explode), key=len)
    lists = tuple(_way(path, exploded[:i]) for i, path in enumerate(exploded))
    columns = tuple(
        Wanted(
            c.name,
            tuple(_way(parse_path(n), exploded) for n in (c.source_name, *c.aliases)),
            c.data_type,
            c.nested,
            c.name in given,
        )
        for c in read
    )
    to_records = parse_path(records) if records else ()
    taken = frozenset(key for way in (*lists, *(way for c in columns for way in c.ways)) for key in _keys(way))
    return Recipe(columns, lists, to_records, encoding, taken, dict(_rivals(columns)))


def _rivals(columns: Sequence[Wanted]) -> Iterator[tuple[tuple[int, Path, str], tuple[Sequence[str], ...]]]:
    """For each last key those of every other column at its place of which one differs in nothing but its case."""
    ends = [_ends(column) for column in columns]
    for own in ends:
        for place, keys in own.items():
            others = [other[place] for other in ends if other is not own and place in other]
            for key in keys:
                alike = tuple(keys for keys in others if key.casefold() in map(str.casefold, keys))
                if alike:
                    yield (*place, key), alike


def _ends(column: Wanted) -> Mapping[tuple[int, Path], Sequence[str]]:
    """The last keys of a column's paths, by their place."""
    ends: dict[tuple[int, Path], list[str]] = {}
    for way in column.ways:
        if way.parts and isinstance(way.parts[-1], str):
            ends.setdefault((way.base, way.parts[:-1]), []).append(way.parts[-1])
    return ends


def _keys(way: Way) -> Iterator[tuple[int, Path, str]]:
    return ((way.base, way.parts[:at], part) for at, part in enumerate(way.parts) if isinstance(part, str))


def _way(path: Path, exploded: Sequence[Path]) -> Way:
    above = [i for i, prefix in enumerate(exploded) if path[: len(prefix)] == prefix]
    if not above:
        return Way(0, path, spelled(path))
    nearest = max(above, key=lambda i: len(exploded[i]))
    rest = path[len(exploded[nearest]) :]
    return Way(nearest + 1, rest, spelled(rest))
