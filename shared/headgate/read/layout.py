"""What reading needs to know of a file, and the groups of files that are read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from headgate.lake.storage import StoredObject
from headgate.read.names import Match

Kind = Literal["csv", "lines", "document", "parquet"]


@dataclass(frozen=True)
class Layout:
    """How a file is read; files with an equal layout are read together."""

    kind: Kind
    names: tuple[str, ...] = ()  # CSV: normalised header; Parquet: the columns as the footer spells them
    places: tuple[int | None, ...] = ()  # where each `contract.read_columns` stands in `names`
    line_end: str | None = None  # CSV with `multi_line`: what ends a record
    schema: str = ""  # Parquet: the footer's schema
    copied: bool = False  # Spark reads a UTF-8 copy without the skipped lines


@dataclass(frozen=True)
class Looked:
    """One file, looked at."""

    object: StoredObject
    layout: Layout
    match: Match | None = None
    keys: tuple[str, ...] = ()  # JSON: unknown top-level keys of the records in the head
    uri: str = ""  # of the copy, where Spark reads a copy

    @property
    def read_uri(self) -> str:
        """What Spark opens."""
        return self.uri or self.object.uri


@dataclass(frozen=True)
class Group:
    """Files with an equal layout."""

    layout: Layout
    files: tuple[Looked, ...]


Seen = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Drift:
    """What was odd about files that are read all the same; each name with the number of files and the first one."""

    renamed: Seen = field(default_factory=dict)  # "published ← name in the file"
    missing: Seen = field(default_factory=dict)  # published names read as null
    ignored: Seen = field(default_factory=dict)  # names in the files that the contract drops
    unknown_keys: Seen = field(default_factory=dict)  # JSON: top-level keys that no column reads

    def as_dict(self) -> dict[str, Seen]:
        """The observations that were made, as JSON can hold them."""
        return {name: seen for name, seen in vars(self).items() if seen}
