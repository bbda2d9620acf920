"""A sample of JSON files: the records, and a column by path for each value but objects."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from headgate.contract.json_path import spelled
from headgate.errors import UnusableArgument
from headgate.propose.pieces import Pieces
from headgate.propose.sample import Column, Sample
from headgate.read.json_exact import Number, Reader

_RECORDS = 20_000
_DEEPEST = 4  # objects inside objects that become columns,
_MOST = 60  # unless these are more columns: then fewer levels do
_SPACE = re.compile(r"[\s,\x1e\ufeff]*")


def sample_json(pieces: Pieces) -> Sample:
    """The records of the beginnings of files. Raises `UnusableArgument` where there are none."""
    first = pieces.pieces[0]
    path, start = _records_at(first.text)
    records: list[dict[str, Any]] = []
    whole = pieces.whole
    for piece in pieces.pieces:
        at = start if piece is first else _records_at(piece.text)[1] if piece.beginning else 0
        for value, complete in _values(piece.text, at):
            whole = whole and complete
            if isinstance(value, dict):
                records.append(value)
            if len(records) >= _RECORDS:
                whole = False
                break
    if not records:
        remedy = "`headgate new` reads lists of objects, and one object per line."
        raise UnusableArgument("has no record that is an object", where=first.file.uri, remedy=remedy)
    sample = Sample("json", [], [], whole=whole, files=pieces.files)
    if path:
        sample.source["records"] = (path, "the list of the records")
    if pieces.encoding != "utf-8":
        sample.read["encoding"] = (pieces.encoding, "by its first bytes")
    flat, paths = _flat(records)
    for path_ in paths:
        values = [record.get(path_) for record in flat]
        lists = [value for value in values if isinstance(value, list | dict)]
        column = Column(spelled(path_), Counter(_text(value) for value in values))
        if all(value is None or isinstance(value, bool) for value in values) and any(v is not None for v in values):
            sample.types[column.source] = "boolean"
        if lists:
            column.nested, sample.types[column.source] = _nested(column.source, lists)
        sample.columns.append(column)
    sample.rows = [tuple(_text(record.get(path_)) for path_ in paths) for record in flat]
    return sample


def _flat(records: Sequence[Mapping[str, Any]]) -> tuple[list[dict[tuple[str, ...], Any]], list[tuple[str, ...]]]:
    """The records with their values by path, and all paths; as deep as the number of columns allows."""
    flat, paths = [], []
    for deepest in range(_DEEPEST, 0, -1):
        flat = [dict(_leaves(record, (), deepest)) for record in records]
        paths = list(dict.fromkeys(path for record in flat for path in record))
        if len(paths) <= _MOST:
            break
    return flat, paths


def _records_at(text: str) -> tuple[str, int]:
    """The path to the list of records (empty where none is needed), and where the first record begins."""
    begin = _SPACE.match(text).end()  # type: ignore[union-attr]
    if text[begin] == "[":
        return "", begin + 1
    end_of_line = text.find("\n", begin)
    line = text[begin : end_of_line if end_of_line > 0 else len(text)]
    try:
        first = Reader().read(line.strip())
        following = text[begin + len(line) :].strip()
        if following or not _lists(first):
            return "", begin
    except ValueError:
        pass
    # One document: the first key whose list holds objects. Its end may be beyond what was read.
    for match in re.finditer(r'"((?:[^"\\]|\\.)*)"\s*:\s*\[\s*\{', text):
        key = json.loads(f'"{match[1]}"')
        if _depth(text, begin, match.start()) == 1:
            return spelled((key,)), text.index("[", match.start() + len(match[1]) + 2) + 1
    return "", begin


def _lists(value: Any) -> list[str]:
    found = value.items() if isinstance(value, dict) else ()
    return [key for key, part in found if isinstance(part, list) and part and isinstance(part[0], dict)]


def _depth(text: str, begin: int, end: int) -> int:
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", text[begin:end])
    return sum(plain.count(sign) for sign in "{[") - sum(plain.count(sign) for sign in "}]")


def _values(text: str, at: int) -> Iterator[tuple[Any, bool]]:
    """Each value from a place on, and whether nothing was cut off; the last one may be cut short."""
    reader = Reader()
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text) or text[at] in "]}":
            return
        try:
            value, at = reader.read_from(text, at)
        except ValueError:
            yield None, False
            return
        yield value, True


def _leaves(value: Mapping[str, Any], above: tuple[str, ...], deepest: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, part in value.items():
        if isinstance(part, dict) and part and len(above) + 1 < deepest:
            yield from _leaves(part, (*above, key), deepest)
        else:
            yield (*above, key), part


def _nested(source: str, values: list[Any]) -> tuple[str, str]:
    """What to say of lists and objects, and their type."""
    elements = [element for value in values if isinstance(value, list) for element in value]
    if elements and not any(isinstance(element, list | dict) for element in elements):
        kind = "bigint" if all(_is_whole(element) for element in elements) else "string"
        return f"a list; `explode: [{source}]` makes a row of each element", f"array<{kind}>"
    if elements:
        return f"lists as JSON text; `explode: [{source}]` makes a row of each element", "string"
    return "objects as JSON text", "string"


def _is_whole(element: Any) -> bool:
    return isinstance(element, Number) and element.lstrip("-").isdigit()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
