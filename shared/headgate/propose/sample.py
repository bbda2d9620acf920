"""A sample of tabular files: how they are written, their columns, and rows of texts."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate.errors import UnusableArgument
from headgate.propose.pieces import Pieces

_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*$")
_SNIFFED = 200_000  # characters
_VALUES = 500_000  # that are looked at
_MOST_COMMON = ((",", '"'), (";", '"'), ("\t", '"'), ("|", '"'))


@dataclass
class Column:
    """One column of a sample: its name in the files, and how often each text occurs."""

    source: str
    texts: Counter[str]
    nested: str = ""  # of a JSON value that is a list or an object, what it is


@dataclass
class Sample:
    """What was seen. `read` are the words of `source.read` that are needed, each with the reason."""

    format: str
    columns: list[Column]
    rows: Sequence[Sequence[str]]
    read: dict[str, tuple[Any, str]] = field(default_factory=dict)
    source: dict[str, tuple[Any, str]] = field(default_factory=dict)
    whole: bool = True
    files: int = 1
    ragged: int = 0  # records with another number of values than the header has names
    notes: list[str] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)  # by source name, where the files know them

    @property
    def seen(self) -> str:
        """What the evidence rests on, in words."""
        files = f" of {self.files:,} files" if self.files > 1 else ""
        return f"{'all' if self.whole else 'a sample of'} {len(self.rows):,} rows{files}"


def sample_csv(pieces: Pieces) -> Sample:
    """The sample of delimited text. Raises `UnusableArgument` where no dialect is found."""
    first = pieces.pieces[0]
    skip, text = _without_title(first.text)
    dialect = _dialect(text, first.file.uri)
    records = list(_records(text, dialect))
    width = Counter(map(len, records)).most_common(1)[0][0]
    header = _has_header(records)
    names = list(records[0]) if header else [f"column_{i + 1}" for i in range(width)]
    trailing = header and len(names) > 1 and not names[-1] and all(not r[-1] for r in records[1:] if len(r) == width)
    names = names[:-1] if trailing else names
    rows = records[header:]
    for piece in pieces.pieces[1:]:
        more = list(_records(piece.text, dialect))
        rows += more[1:] if piece.beginning and header else more
    if trailing:
        rows = [row[:-1] if row and not row[-1] else row for row in rows]
    fitting = [row for row in rows if len(row) == len(names)]
    ragged = len(rows) - len(fitting)
    every = 1 + len(fitting) * len(names) // _VALUES  # of very many values some are enough
    fitting = fitting[::every]
    columns = [Column(name, Counter(texts)) for name, texts in zip(names, zip(*fitting, strict=True), strict=False)]
    columns += [Column(name, Counter()) for name in names[len(columns) :]]
    sample = Sample("csv", columns, fitting, whole=pieces.whole and every == 1, files=pieces.files, ragged=ragged)
    sample.read = _read_words(pieces, dialect, skip, names, header, trailing, fitting, text)
    return sample


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    quote: str
    escape: str


def _dialect(text: str, where: str) -> _Dialect:
    """What DuckDB's sniffer finds in the beginning; where it finds nothing, the sign that splits lines most evenly."""
    import duckdb

    head = text[:_SNIFFED]
    head = head[: head.rfind("\n") + 1] or head
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sample.csv")
        file.write_text(head, encoding="utf-8", newline="")
        try:
            sniffed = duckdb.connect().execute("SELECT Delimiter, Quote, Escape FROM sniff_csv(?)", [str(file)])
            rows = sniffed.fetchall()
        except duckdb.Error:
            rows = []
    delimiter, quote, escape = (str(part or "").strip("\0") for part in (rows or [("", "", "")])[0])
    by_lines = _splits_evenly(head)
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    if not delimiter or not all(delimiter in line for line in lines):
        delimiter = by_lines or ","
    if by_lines is None and len(lines) < 2:
        remedy = "Name a file with several rows, or write the contract by hand (docs/CONTRACTS.md)."
        raise UnusableArgument("one line without a separator shows no columns", where=where, remedy=remedy)
    quote = quote if quote in ("'", '"') and quote in head else '"'
    backslash = f"\\{quote}" in head and f"{quote}{quote}{delimiter}" not in head.replace(
        f"{delimiter}{quote}{quote}", ""
    )
    return _Dialect(delimiter, quote, "\\" if escape == "\\" or backslash else quote)


def _splits_evenly(head: str) -> str | None:
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    counts = {sign: Counter(line.count(sign) for line in lines) for sign, _ in _MOST_COMMON}
    even = {sign: count.most_common(1)[0] for sign, count in counts.items() if count}
    good = {sign: lines_with for sign, (number, lines_with) in even.items() if number}
    return max(good, key=lambda sign: (good[sign], even[sign][0])) if good else None


def _records(text: str, dialect: _Dialect) -> Iterator[list[str]]:
    escape = None if dialect.escape == dialect.quote else dialect.escape
    csv.field_size_limit(1 << 27)
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote,
        doublequote=escape is None, escapechar=escape,
    )  # fmt: skip
    return (record for record in reader if record)


def _without_title(text: str) -> tuple[int, str]:
    """Lines before the table, such as a title: at most ten that have fewer separators than all that follow."""
    lines = text[:_SNIFFED].splitlines(keepends=True)
    sign = _splits_evenly(text[:_SNIFFED])
    if sign is None or len(lines) < 4:
        return 0, text
    usual = Counter(line.count(sign) for line in lines if line.strip()).most_common(1)[0][0]
    skip = next((i for i, line in enumerate(lines[:11]) if line.count(sign) >= max(usual, 1)), 0)
    return (skip, "".join(lines[skip:]) + text[sum(map(len, lines)) :]) if skip else (0, text)


def _has_header(records: Sequence[Sequence[str]]) -> bool:
    """Names in the first record: none is a number, and no column has its own name again as a value."""
    first, rest = records[0], records[1:200]
    named = [name.strip() for name in first if name.strip()]
    if not rest or not named or any(_NUMBER.match(name) for name in named) or len(set(named)) < len(named):
        return not rest and bool(named)
    again = sum(name == row[i] for row in rest for i, name in enumerate(first) if name and i < len(row))
    return not again


def _read_words(
    pieces: Pieces, dialect: _Dialect, skip: int, names: Sequence[str], header: bool, trailing: bool,
    rows: Sequence[Sequence[str]], text: str,
) -> dict[str, tuple[Any, str]]:  # fmt: skip
    words: dict[str, tuple[Any, str]] = {}
    if pieces.encoding != "utf-8":
        why = f"is not UTF-8; read so it has words like `{pieces.word}`" if pieces.word else "by its first bytes"
        words["encoding"] = (pieces.encoding.replace("_", "-"), why)
    if dialect.delimiter != ",":
        words["delimiter"] = (dialect.delimiter, f"splits the lines into {len(names)} values")
    if dialect.quote != '"':
        words["quote"] = (dialect.quote, "surrounds values")
    if dialect.escape not in ('"', dialect.quote):
        words["escape"] = (dialect.escape, "escapes quotes inside of values")
    if skip:
        words["skip_lines"] = (skip, "lines before the header")
    if not header:
        words["header"] = (False, "the first line looks like values")
        words["columns"] = (list(names), "give them names")
    if trailing:
        words["trailing_delimiter"] = (True, "each line ends with the separator")
    if any("\n" in value for row in rows[:50_000] for value in row):
        words["multi_line"] = (True, "some values contain line breaks")
    bare = re.compile(
        rf"(?:^|{re.escape(dialect.delimiter)})[^{dialect.quote}{re.escape(dialect.delimiter)}\n]+{dialect.quote}"
    )
    if "multi_line" not in words and any(
        bare.search(line) for line in text[:_SNIFFED].splitlines() if _odd(line, dialect)
    ):
        words["bare_quotes"] = ("allow", "some values have a quote inside, and none around them")
    return words


def _odd(line: str, dialect: _Dialect) -> bool:
    """Whether a quote is neither at the beginning nor at the end of a value."""
    return any(
        dialect.quote in part[1:-1] and not part.startswith(dialect.quote) for part in line.split(dialect.delimiter)
    )
