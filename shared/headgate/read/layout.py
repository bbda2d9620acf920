"""How a file is read, and the groups of files that are read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from headgate.lake.storage import StoredObject
from headgate.read.names import Match


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a file is read; files with an equal layout are read together. A format adds what else it must know."""

    marked_alone: ClassVar[bool] = True  # a file that is refused while it is read leaves its marker row only
    copied: bool = False  # Spark reads a UTF-8 copy without the skipped lines
    framed: bool = False  # Python finds where records end, in the order of the file
    first_line: str = ""  # the text of a header that Spark reads as a row; every such row but one repeats it


@dataclass(frozen=True, kw_only=True)
class HeaderLayout(Layout):
    """The layout of a file whose columns are found by name in its header or footer."""

    names: tuple[str, ...]  # the file's columns
    places: tuple[int | None, ...]  # where each of `contract.read_columns` is in `names`


OneLayout = TypeVar("OneLayout", bound=Layout)


@dataclass(frozen=True)
class Looked:
    """One file after a look at it."""

    object: StoredObject
    layout: Layout
    match: Match | None = None  # how its names fit the contract's; without places where columns are found by path
    keys: tuple[str, ...] = ()  # where columns are found by path: unknown top-level keys of the first records
    uri: str = ""  # of the copy, where Spark reads a copy

    @property
    def given(self) -> dict[str, str | None]:
        """The columns whose value is in the file's path, with the value."""
        return dict(self.match.given) if self.match else {}

    @property
    def read_uri(self) -> str:
        """What Spark opens."""
        return self.uri or self.object.uri


@dataclass(frozen=True)
class Group(Generic[OneLayout]):
    """Files with an equal layout."""

    layout: OneLayout
    files: tuple[Looked, ...]


Seen = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Drift:
    """How files that are read differ from the contract.

    Each name comes with the number of files and the first of them.
    """

    renamed: Seen = field(default_factory=dict)  # "published ← name in the file"
    missing: Seen = field(default_factory=dict)  # published names that are read as null
    ignored: Seen = field(default_factory=dict)  # names in the files that the contract drops
    from_path: Seen = field(default_factory=dict)  # published names whose value is in the path of the file
    also_in_path: Seen = field(default_factory=dict)  # published names that are in the file and in its path
    unknown_keys: Seen = field(default_factory=dict)  # top-level keys that no column reads

    def as_dict(self) -> dict[str, Seen]:
        """The differences that were seen, ready for JSON."""
        return {name: seen for name, seen in vars(self).items() if seen}
