"""The formats that `source.format` can name. A new format is an entry of `FORMAT_FACTS` here, and nothing elsewhere.

An entry has what a contract's rules and messages need to know, and the name of the module that reads such files: only
the name, because that module needs Spark and checking contracts does not. `headgate/read/formats.py` imports it when
files are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal


@dataclass(frozen=True)
class FormatFacts:
    """One format of raw files, as contracts, messages and docs know it."""

    title: str  # its name in messages
    summary: str  # its line in the docs
    module: str  # reads its files: has the `FileFormat` as `FORMAT`
    nested: bool = False  # its values may be lists and objects
    typed: bool = False  # its values have types: dates need no `formats`, and bytes can be read
    by_path: bool = False  # columns are found by path in a record; `records` and `explode` apply
    magic: bytes = b""  # what its files begin with
    events_module: str = ""  # reads what flattening makes of its files (`arrive: events`)


FORMAT_FACTS: Mapping[str, FormatFacts] = {
    "csv": FormatFacts("CSV", "delimited text", "headgate.read.csv_frame"),
    "json": FormatFacts(
        "JSON",
        "one record per line, or whole documents",
        "headgate.read.json_frame",
        nested=True,
        by_path=True,
        events_module="headgate.read.flattened_frame",
    ),
    "parquet": FormatFacts(
        "Parquet", "Apache Parquet", "headgate.read.parquet_frame", nested=True, typed=True, magic=b"PAR1"
    ),
}

if TYPE_CHECKING:
    FileFormatName = str
else:
    FileFormatName = Literal[tuple(FORMAT_FACTS)]

SUMMARY = "; ".join(f"`{name}`: {facts.summary}" for name, facts in FORMAT_FACTS.items())


def titles(having: Callable[[FormatFacts], bool]) -> str:
    """The formats of one kind as a message lists them: `JSON or Parquet`."""
    return " or ".join(facts.title for facts in FORMAT_FACTS.values() if having(facts))


def names(having: Callable[[FormatFacts], bool]) -> str:
    """The same as `source.format` spells them: `json or parquet`."""
    return " or ".join(name for name, facts in FORMAT_FACTS.items() if having(facts))
