"""The formats that `source.format` can name, with what a contract's rules and messages need to know of each.

How files of a format are read is declared under the same names in `headgate/read/formats.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

FileFormatName = Literal["csv", "json", "parquet"]


@dataclass(frozen=True)
class FormatFacts:
    """One format of raw files, as contracts, messages and docs know it."""

    title: str  # its name in messages
    summary: str  # its line in the docs
    nested: bool = False  # its values may be lists and objects
    typed: bool = False  # its values have types: dates need no `formats`, and bytes can be read
    by_path: bool = False  # columns are found by path in a record; `records` and `explode` apply
    magic: bytes = b""  # what its files begin with


FORMAT_FACTS: Mapping[str, FormatFacts] = {
    "csv": FormatFacts("CSV", "delimited text"),
    "json": FormatFacts("JSON", "one record per line, or whole documents", nested=True, by_path=True),
    "parquet": FormatFacts("Parquet", "Apache Parquet", nested=True, typed=True, magic=b"PAR1"),
}

SUMMARY = "; ".join(f"`{name}`: {facts.summary}" for name, facts in FORMAT_FACTS.items())


def titles(having: Callable[[FormatFacts], bool]) -> str:
    """The formats of one kind as a message lists them: `JSON or Parquet`."""
    return " or ".join(facts.title for facts in FORMAT_FACTS.values() if having(facts))


def names(having: Callable[[FormatFacts], bool]) -> str:
    """The same as `source.format` spells them: `json or parquet`."""
    return " or ".join(name for name, facts in FORMAT_FACTS.items() if having(facts))
