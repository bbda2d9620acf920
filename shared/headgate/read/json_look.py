"""Look at the head of a JSON file: one record per line, or one document?"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate.contract.json_path import parse_path
from headgate.errors import Fault, UnusableContract
from headgate.lake.storage import Storage, StoredObject
from headgate.read.copying import must_be_copied
from headgate.read.file_format import Look
from headgate.read.head import lines_of
from headgate.read.json_exact import Reader
from headgate.read.json_head import json_head, kind_of_head
from headgate.read.json_kind import Kind
from headgate.read.json_names import match_keys, unknown_keys
from headgate.read.json_recipe import recipe
from headgate.read.layout import Layout, Looked
from headgate.read.path_values import folder_values

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_FILES = 50  # the first files, whose top-level keys are compared with the contract
_RECORDS = 50  # the first records of each, for the same


@dataclass(frozen=True, kw_only=True)
class JsonLayout(Layout):
    """One record per line, or a document of all records."""

    kind: Kind
    given: tuple[str, ...] = ()  # columns whose value is in the path of the file


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
    """The file's layout by its first character and its first records. Raises `CannotBelong`."""
    read = contract.source.read
    has_records = contract.source.records is not None
    head, text = json_head(storage, stored, read.encoding, read.skip_lines, has_records=has_records)
    kind = kind_of_head(head, text, has_records=has_records, hidden=bool(contract.classified))
    folders = folder_values(contract, stored.path)
    keys = _keys(text, kind, contract) if sample or folders else ()
    matched = match_keys(contract, keys, stored.path, folders)
    copied = must_be_copied(stored, read.encoding, read.skip_lines, by_python=True)
    layout = JsonLayout(kind=kind, copied=copied, given=tuple(dict(matched.given)))
    return Looked(stored, layout, matched, unknown_keys(contract, keys) if sample else ())


def _keys(text: str, kind: Kind, contract: Contract) -> tuple[str, ...]:
    """The top-level keys of the first records."""
    records = _sample(text, kind, contract.source.records)
    return tuple(dict.fromkeys(key for record in records if isinstance(record, dict) for key in record))


def _sample(text: str, kind: Kind, records: str | None) -> list[Any]:
    """The first records that are whole within the head."""
    if kind == "lines":
        lines = itertools.islice(lines_of(text), _RECORDS)
        return [record for line in lines for record in _elements(line, 0)]
    start = text.find("[") + 1 if text.lstrip().startswith("[") else _list_start(text, records)
    if start is None:
        return _elements(text, 0)
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
        space = re.compile(r"[\s,\x1e\ufeff]*").match(text, at)
        try:
            value, at = reader.read_from(text, space.end() if space else at)
        except (ValueError, RecursionError):
            break
        elements.append(value)
    return elements
