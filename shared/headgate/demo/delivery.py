"""Deliveries: the files of a source as their sender wrote them, and a record of what was planted in each."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

from headgate.demo.catalogue import Row

MORE = "_one_value_too_many"


@dataclass
class Delivery:
    """One file: its name and arrival, its columns in its own order, and what it calls them.

    It is CSV, unless a subclass writes another format.
    """

    name: str
    arrival: datetime
    columns: Sequence[str]
    called: Mapping[str, str] = field(default_factory=dict)  # column to the name in this file's header
    bom: bool = False
    rows: list[Row] = field(default_factory=list)

    def content(self) -> bytes:
        """The file's bytes. A value may contain bytes that are not UTF-8, as lone surrogates."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([self.called.get(column, column) for column in self.columns])
        writer.writerows(self._values(row) for row in self.rows)
        plain = ("\ufeff" if self.bom else "").encode() + text.getvalue().encode("utf-8", "surrogateescape")
        return gzip.compress(plain, mtime=0) if self.name.endswith(".gz") else plain

    def _values(self, row: Row) -> list[str]:
        return [row.get(column, "") for column in self.columns] + ([row[MORE]] if MORE in row else [])


@dataclass
class Shelf:
    """The deliveries of one dataset, with counts that are updated whenever a row is planted.

    `final` has, by key, the rows that the published table must contain in the end.
    """

    dataset: str
    key: tuple[str, ...]
    deliveries: list[Delivery]
    final: dict[tuple[str, ...], Row] = field(default_factory=dict)
    read: int = 0
    superseded: int = 0
    quarantined: int = 0
    failing: Counter[str] = field(
        default_factory=Counter
    )  # rows by check: refused ones, and published ones with a warning
    whole: dict[str, bytes] = field(default_factory=dict)  # files that must be refused as a whole, by name
    folder: str = ""  # below staging; that of the dataset, unless documents arrive elsewhere

    def plant(self, row: Row, at: int) -> None:
        """A good row: the only one with its key, or the newest."""
        self._put(row, at)
        self.final[self._key(row)] = row

    def copy(self, row: Row, at: int) -> None:
        """A copy of a planted row: one of the two is superseded."""
        self._put(row, at)
        self.superseded += 1

    def older(self, row: Row, at: int) -> None:
        """A row with the key of a planted one, in a delivery that arrived earlier: it loses."""
        self.copy(row, at)

    def newer(self, row: Row, at: int) -> None:
        """A row with the key of a planted one, in a delivery that arrived later: it wins."""
        self.copy(row, at)
        self.final[self._key(row)] = row

    def refused(self, row: Row, at: int, *checks: str) -> None:
        """A row that must go to quarantine; `checks` are those that it fails (none where the record is broken)."""
        self._put(row, at)
        self.quarantined += 1
        self.failing.update(checks)

    def warned(self, row: Row, at: int, check: str, published: Row) -> None:
        """A row that fails a check which only warns; it is published as `published`."""
        self._put(row, at)
        self.failing[check] += 1
        self.final[self._key(row)] = published

    def shuffle(self, rng: Random) -> None:
        """Shuffle each delivery's rows, so that faults are anywhere in a file."""
        for delivery in self.deliveries:
            rng.shuffle(delivery.rows)

    def _put(self, row: Row, at: int) -> None:
        self.deliveries[at].rows.append(row)
        self.read += 1

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key)


def write_shelf(shelf: Shelf, folder: Path) -> tuple[list[Path], list[Path]]:
    """Write the files below `folder` with their arrivals; return all of them, and those that had to be written."""
    contents = {delivery.name: (delivery.content(), delivery.arrival) for delivery in shelf.deliveries}
    last = max(delivery.arrival for delivery in shelf.deliveries)
    contents |= {name: (content, last) for name, content in shelf.whole.items()}
    files = [folder / (shelf.folder or shelf.dataset) / name for name in contents]
    written = [file for file in files if _write(file, *contents[file.name])]
    return files, written


def _write(file: Path, content: bytes, arrival: datetime) -> bool:
    """Write the file unless it already has this content and arrival; true when it was written."""
    moment = int(arrival.timestamp())
    if file.is_file() and int(file.stat().st_mtime) == moment and file.read_bytes() == content:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (moment, moment))
    return True
