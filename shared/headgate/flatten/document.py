"""The rows of a document: of its lines, of its list of records, or of several texts one after another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from headgate.flatten.content import MEGABYTE, Content, give_back, lines_of
from headgate.flatten.plan import Plan
from headgate.flatten.quick import Unsure, raws_of_list, raws_of_object
from headgate.flatten.rows import FlatRow, FlatRows
from headgate.read.refused import CannotBelong

MOST_AT_ONCE = 64 * MEGABYTE  # of JSON that must become Python's values at once
_STEP = 4 * MEGABYTE


def rows_of(plan: Plan, content: Content) -> Iterator[FlatRow]:
    """The rows in the order of the document. Raises `CannotBelong`, perhaps after rows: nothing of them may be kept.

    A list of records is split by a parser that keeps only where each begins and ends: one record is held at a time.
    """
    rows = FlatRows(plan)
    if content.kind == "lines":
        for line in lines_of(content.text):
            yield from rows.of_line(line)
        return
    records = _records(plan, content.text)
    try:
        if records is None:
            yield from rows.of_text(_at_once(content.text), content.clean)
            return
        for record in _each(records, content.text):
            yield from rows.of_record(record, content.clean)
    except ValueError as error:
        raise CannotBelong(str(error)) from error


def _each(records: list[Any], text: memoryview) -> Iterator[bytes]:
    """The records. What lies before the next one is given back in steps: at least the sum of those before it."""
    read = given_back = 0
    records.reverse()
    while records:
        record = _record(records.pop())
        yield record
        read += len(record)
        if read - given_back >= _STEP:
            give_back(text, read)
            given_back = read


def _records(plan: Plan, text: memoryview) -> list[Any] | None:
    """The records of one list, or of one object; None where only the exact reader can tell."""
    first = bytes(text[:1024]).lstrip(b" \t\r\n")[:1]
    try:
        if first == b"[":
            return raws_of_list(text)
        if first == b"{" and not plan.records:
            return [text] if len(text) <= MOST_AT_ONCE and raws_of_object(text) is not None else None
        value: Any = text
        for part in plan.recipe.records:
            value = raws_of_object(value)[part] if isinstance(part, str) else raws_of_list(value)[part]
        return raws_of_list(value)
    except (*Unsure, KeyError, IndexError):
        return None


def _at_once(text: memoryview) -> str:
    if len(text) > MOST_AT_ONCE:
        raise CannotBelong(
            f"has {len(text) / MEGABYTE:,.0f} MB of JSON that is neither one record per line, nor one list, nor an "
            f"object with its list at `records`; the limit for it is {MOST_AT_ONCE / MEGABYTE:,.0f} MB"
        )
    return bytes(text).decode()


def _record(raw: Any) -> bytes:
    record = bytes(raw)
    if len(record) > MOST_AT_ONCE:
        raise CannotBelong(
            f"has one record of {len(record) / MEGABYTE:,.0f} MB; the limit is {MOST_AT_ONCE / MEGABYTE:,.0f} MB. "
            "Name the list inside it as `records`"
        )
    return record
