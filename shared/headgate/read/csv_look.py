"""Look at the head of a CSV file: which columns does this very file have, and where?"""

from __future__ import annotations

import csv
import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from headgate.lake.storage import Storage, StoredObject
from headgate.read.copying import codec_name, must_be_copied
from headgate.read.dialect import dialect
from headgate.read.file_format import Look
from headgate.read.framer import blank_characters
from headgate.read.head import MOST_BYTES, after_lines, lines_of, longer, text_head
from headgate.read.layout import HeaderLayout, Looked
from headgate.read.looks import not_of_the_format
from headgate.read.names import match, normal
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract
    from headgate.contract.source import Read

_STAND_IN = "\ue000"  # for a delimiter of several characters, which Python's csv does not know
_JSON = ("{", "[")


@dataclass(frozen=True, kw_only=True)
class CsvLayout(HeaderLayout):
    """The normalised names of a header, and where the contract's columns are among them."""

    marked_alone: ClassVar[bool] = False


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
        if not read.header and first is not None and not _fits(len(first), len(names), read):
            raise CannotBelong(f"has {len(first)} values in its first line, the contract names {len(names)} columns")
        matched = match(contract, names, stored.path)
    except CannotBelong as reason:
        raise _what_it_is(text, reason, hidden=bool(contract.classified)) from None
    framed = read.multi_line or read.skip_last > 0 or bool(read.skip_from)
    layout = CsvLayout(
        names=names,
        places=matched.places,
        framed=framed,
        copied=not framed and must_be_copied(stored, read.encoding, read.skip_lines, by_python=False),
        first_line=_first_line(text, read) if read.header else "",
    )
    return Looked(stored, layout, matched)


def _names(contract: Contract, first: list[str]) -> tuple[str, ...]:
    read = contract.source.read
    if read.header:
        if any("\ufffd" in name for name in first):
            raise CannotBelong(f"has a header that is not {read.encoding}; declare its `encoding`")
        return tuple(normal(name) for name in first)
    return tuple(normal(name) for name in read.columns or _without_path_columns(contract))


def _without_path_columns(contract: Contract) -> list[str]:
    return [c.source_name for c in contract.read_columns if c.name not in contract.path_columns]


def _fits(count: int, width: int, read: Read) -> bool:
    return count == width or (read.missing_last == "null" and count < width)


def _what_it_is(text: str, reason: CannotBelong, *, hidden: bool) -> CannotBelong:
    """The reason, or a better one where the file does not look like CSV at all."""
    other = not_of_the_format(text, hidden=hidden)
    if other is None and text.lstrip()[:1] in _JSON:
        other = "looks like JSON"
    if other is None:
        return reason
    return CannotBelong(f"{other}, not CSV" if other.startswith("looks like ") else other)


def _until_first_record(storage: Storage, stored: StoredObject, read: Read) -> str:
    head = text_head(storage, stored, read.encoding)
    while True:
        text = after_lines(head.text(codec_name(read.encoding)), read.skip_lines)
        whole = head.whole or head.read >= stored.size
        if whole or any(line.endswith(("\r", "\n")) for line in _with_text(text, read)):
            return text
        head = longer(storage, stored, read.encoding, head)


def _with_text(text: str, read: Read) -> Iterator[str]:
    """The lines that are neither blank nor a comment."""
    signs = blank_characters(read.delimiter) + "\r\n"
    lines = (line for line in lines_of(text) if line.strip(signs))
    return (line for line in lines if not (read.comment and line.startswith(read.comment)))


def _first_line(text: str, read: Read) -> str:
    return next(_with_text(text, read)).rstrip("\r\n").lstrip("\ufeff")


def _first_record(text: str, read: Read) -> list[str] | None:
    """The values of the first line that is not blank (of the first record, with `multi_line`)."""
    lines = _with_text(text, read)
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
    record = [value.replace(_STAND_IN, delimiter) for value in record] if record and len(delimiter) > 1 else record
    ended = read.trailing_delimiter and record and len(record) > 1 and not record[-1]
    return record[:-1] if record and ended else record


def _dialect(read: Read) -> dict:
    known = dialect(read)
    return {
        "delimiter": read.delimiter if len(read.delimiter) == 1 else _STAND_IN,
        "quotechar": read.quote or None,
        "quoting": csv.QUOTE_MINIMAL if read.quote else csv.QUOTE_NONE,
        "doublequote": known.doubled,
        "escapechar": known.escape or None,
    }
