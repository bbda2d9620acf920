"""Look at the head of a CSV file: which columns does this very file have, and where?"""

from __future__ import annotations

import csv
import functools
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.lake.storage import Storage, StoredObject
from headgate.read.copying import codec_name, must_be_copied
from headgate.read.file_format import Look
from headgate.read.head import MOST_BYTES, after_lines, lines_of, longer, text_head
from headgate.read.layout import HeaderLayout, Looked
from headgate.read.names import match, normal
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract, Read

_BLANK = " \t\r\n"
_LINE_END = re.compile(r"\r\n|\r|\n")
_STAND_IN = "\ue000"  # for a delimiter of several characters, which Python's csv does not know
_OTHER = (("{", "JSON"), ("[", "JSON"), ("<", "XML or HTML"))


@dataclass(frozen=True, kw_only=True)
class CsvLayout(HeaderLayout):
    """The normalised names of a header, and where the contract's columns are among them."""

    line_end: str | None  # with `multi_line`: what ends a record


def csv_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    """The function that looks at one CSV file; it needs nothing of the other files."""
    return functools.partial(_look, contract, storage)


def _look(contract: Contract, storage: Storage, stored: StoredObject) -> Looked:
    """The file's own header, matched with the contract. Raises `CannotBelong`."""
    read = contract.source.read
    no_bytes = stored.size == 0 and not read.header
    text = "" if no_bytes else _until_first_record(storage, stored, read)
    first = _first_record(text, read)
    if first is None and read.header:
        raise CannotBelong("has no header: there is no line with text")
    names = _names(contract, first or [])
    try:
        if not read.header and first is not None and len(first) != len(names):
            raise CannotBelong(f"has {len(first)} values in its first line, the contract names {len(names)} columns")
        matched = match(contract, names)
    except CannotBelong as reason:
        raise _what_it_is(text, reason) from None
    layout = CsvLayout(
        names=names,
        places=matched.places,
        line_end=_line_end(text) if read.multi_line else None,
        copied=must_be_copied(stored, read.encoding, read.skip_lines, by_python=False),
    )
    return Looked(stored, layout, matched)


def _names(contract: Contract, first: list[str]) -> tuple[str, ...]:
    read = contract.source.read
    if read.header:
        if any("\ufffd" in name for name in first):
            raise CannotBelong(f"has a header that is not {read.encoding}; declare its `encoding`")
        return tuple(normal(name) for name in first)
    return tuple(normal(name) for name in read.columns or [c.source_name for c in contract.read_columns])


def _what_it_is(text: str, reason: CannotBelong) -> CannotBelong:
    """The reason, or a better one where the file does not look like CSV at all."""
    start = text.lstrip()[:1]
    for sign, name in _OTHER:
        if start == sign:
            return CannotBelong(f"looks like {name}, not CSV")
    return reason


def _line_end(text: str) -> str:
    end = _LINE_END.search(text)
    return end[0] if end else "\n"


def _until_first_record(storage: Storage, stored: StoredObject, read: Read) -> str:
    head = text_head(storage, stored, read.encoding)
    while True:
        text = after_lines(head.text(codec_name(read.encoding)), read.skip_lines)
        if head.whole or head.read >= stored.size or _LINE_END.search(text.lstrip()):
            return text
        head = longer(storage, stored, read.encoding, head)


def _first_record(text: str, read: Read) -> list[str] | None:
    """The values of the first line that is not blank (of the first record, with `multi_line`)."""
    lines = (line for line in lines_of(text) if line.strip(_BLANK))
    if not read.multi_line:
        lines = (line.rstrip("\r\n") for line in itertools.islice(lines, 1))
    delimiter = read.delimiter
    if len(delimiter) > 1:
        lines = (line.replace(delimiter, _STAND_IN) for line in lines)
    try:
        csv.field_size_limit(MOST_BYTES)
        record = next(csv.reader(lines, **_dialect(read)), None)
    except csv.Error as error:
        raise CannotBelong(f"has a first line that cannot be read: {error}") from error
    return [value.replace(_STAND_IN, delimiter) for value in record] if record and len(delimiter) > 1 else record


def _dialect(read: Read) -> dict:
    doubled = read.escape in ("", read.quote)
    return {
        "delimiter": read.delimiter if len(read.delimiter) == 1 else _STAND_IN,
        "quotechar": read.quote or None,
        "quoting": csv.QUOTE_MINIMAL if read.quote else csv.QUOTE_NONE,
        "doublequote": doubled,
        "escapechar": None if doubled else read.escape,
    }
