"""Is a JSON file one record per line, or a document: one object or list, or several one after another?"""

from __future__ import annotations

import json
import re
from typing import Literal

from headgate.read.head import lines_of
from headgate.read.json_exact import Reader, after_space

Kind = Literal["lines", "document"]
_LINE_END = re.compile(r"[\r\n]")
_ESCAPE = 16  # characters at the end of a head that may be half of an escape or of a word


def json_kind(text: str, has_records: bool, whole: bool) -> Kind:
    """The layout by the head of a file; `whole`: there is no text after it.

    Lines are taken where the first line is an object and no record shares its line or spans several. A broken record
    then fails alone; in a document it refuses the file.
    """
    if has_records or text[after_space(text, 0) :].startswith("["):
        return "document"
    if _packed_or_spread(text):
        return "document"
    lines = [line for line in lines_of(text) if line.strip()]
    if len(lines) == 1 or _is_object(lines[0]):
        return "lines"
    others = lines[1:] if whole else lines[1:-1]  # the last line may be cut by the head's end
    return "lines" if others and all(map(_is_object, others)) else "document"


def _packed_or_spread(text: str) -> bool:
    """True where the head is nothing but objects, and one spans several lines or all share one line."""
    reader, at, one_line, spread, count = Reader(), after_space(text, 0), not _LINE_END.search(text.strip()), False, 0
    while at < len(text):
        try:
            value, end = reader.read_from(text, at)
        except ValueError as error:
            return (spread or (one_line and count > 0)) and _is_cut(error, text)
        if not isinstance(value, dict):
            return False
        spread, count = spread or _LINE_END.search(text, at, end) is not None, count + 1
        at = after_space(text, end)
    return spread or (one_line and count > 1)


def _is_cut(error: ValueError, text: str) -> bool:
    """True where the text is valid as far as it goes."""
    return getattr(error, "pos", 0) >= len(text) - _ESCAPE or str(error).startswith("Unterminated string")


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
