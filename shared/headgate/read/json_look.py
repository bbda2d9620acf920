"""Look at the head of a JSON file: one record per line, or one document?"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from headgate.contract.json_path import parse_path
from headgate.errors import Fault, UnusableContract
from headgate.lake.storage import Storage, StoredObject
from headgate.read.copying import codec_name, must_be_copied
from headgate.read.file_format import Look
from headgate.read.head import Head, after_lines, lines_of, text_head
from headgate.read.json_exact import Reader
from headgate.read.json_recipe import recipe
from headgate.read.layout import Layout, Looked
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_LONGEST_LINE = 1 << 20  # a longer first line is taken for a record
_FILES = 50  # the first files, whose top-level keys are compared with the contract
_RECORDS = 50  # the first records of each, for the same

Kind = Literal["lines", "document"]


@dataclass(frozen=True, kw_only=True)
class JsonLayout(Layout):
    """One record per line, or one document."""

    kind: Kind


def json_looker(contract: Contract, storage: Storage, objects: Sequence[StoredObject]) -> Look:
    """The function that looks at one JSON file. Raises `UnusableContract` for a path that cannot be read."""
    _require_readable_paths(contract)
    sampled = {stored.path for stored in objects[:_FILES]}
    return lambda stored: _look(contract, storage, stored, sample=stored.path in sampled)


def _require_readable_paths(contract: Contract) -> None:
    try:
        recipe(contract, "utf-8")
    except ValueError as error:
        remedy = 'Write paths as `a.b`, `list[0]`, `["odd.key"]`.'
        raise UnusableContract([Fault(contract.file, "columns", str(error), remedy)]) from error


def _look(contract: Contract, storage: Storage, stored: StoredObject, *, sample: bool) -> Looked:
    """The file's layout by its first character and line. Raises `CannotBelong`."""
    read = contract.source.read
    head, text = _head(storage, stored, contract)
    start = text.lstrip()[:1]
    if not start:
        raise CannotBelong("holds no JSON: there is no text in it")
    if start not in "{[":
        raise CannotBelong(f"does not look like JSON: it begins with `{start}`, not with an object or a list")
    kind = _kind(text, contract.source.records is not None, head.whole)
    keys = _unknown_keys(contract, text, kind) if sample else ()
    copied = must_be_copied(stored, read.encoding, read.skip_lines, by_python=True)
    return Looked(stored, JsonLayout(kind=kind, copied=copied), keys=keys)


def _head(storage: Storage, stored: StoredObject, contract: Contract) -> tuple[Head, str]:
    read = contract.source.read
    head = text_head(storage, stored, read.encoding)
    text = after_lines(head.text(codec_name(read.encoding)), read.skip_lines)
    if not head.whole and "\n" not in text.lstrip() and contract.source.records is None:
        head = text_head(storage, stored, read.encoding, _LONGEST_LINE)
        text = after_lines(head.text(codec_name(read.encoding)), read.skip_lines)
    return head, text


def _kind(text: str, has_records: bool, whole: bool) -> Kind:
    if has_records or text.lstrip().startswith("["):
        return "document"
    lines = [line for line in lines_of(text) if line.strip()]
    if len(lines) == 1 or _is_object(lines[0]):
        return "lines"
    others = lines[1:] if whole else lines[1:-1]  # the last line may be cut by the head's end
    return "lines" if others and all(map(_is_object, others)) else "document"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _unknown_keys(contract: Contract, text: str, kind: Kind) -> tuple[str, ...]:
    known = {parse_path(n)[0] for c in contract.read_columns for n in (c.source_name, *c.aliases)}
    known |= {parse_path(n)[0] for n in contract.source.explode} | set(contract.source.ignore)
    records = _sample(text, kind, contract.source.records)
    keys = (key for record in records if isinstance(record, dict) for key in record)
    return tuple(key for key in dict.fromkeys(keys) if key not in known)


def _sample(text: str, kind: Kind, records: str | None) -> list[Any]:
    """The first records that are whole within the head."""
    if kind == "lines":
        lines = itertools.islice(lines_of(text), _RECORDS)
        return [record for line in lines if (record := _parsed(line)) is not None]
    start = text.find("[") + 1 if text.lstrip().startswith("[") else _list_start(text, records)
    if start is None:
        root = _parsed(text)
        return [root] if root is not None else []
    return _elements(text, start)


def _list_start(text: str, records: str | None) -> int | None:
    if records is None:
        return None
    key = json.dumps(str(parse_path(records)[-1]), ensure_ascii=False)
    list_start = re.search(re.escape(key) + r"\s*:\s*\[", text)
    return list_start.end() if list_start else None


def _elements(text: str, at: int) -> list[Any]:
    reader, elements = Reader(), []
    while len(elements) < _RECORDS:
        space = re.compile(r"[\s,]*").match(text, at)
        try:
            value, at = reader.read_from(text, space.end() if space else at)
        except (ValueError, RecursionError):
            break
        elements.append(value)
    return elements


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
