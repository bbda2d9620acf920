"""From records to the texts of a Parquet file's rows: quickly where that is certain, else by the reader of `read`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from headgate.contract.json_path import Path
from headgate.flatten.plan import Plan
from headgate.flatten.quick import quick_value, with_numbers
from headgate.flatten.rest import Rest
from headgate.read.json_characters import Parts, characters, without_surrogates
from headgate.read.json_keys import ABSENT
from headgate.read.json_recipe import Wanted
from headgate.read.json_rows import Row, Rows
from headgate.read.json_shape import delivered

Texts = list[str | None]
_REPLACED = "\ufffd"
_SHAPES = 256  # key sets of objects that are remembered
_Simple = tuple[tuple[int, str, Wanted], ...]  # the place of a column in the row, its key, the column


class FlatRow(NamedTuple):
    """The columns' texts, then what `Plan.names` has after them without the document; `refused`: it has faults."""

    texts: Texts
    refused: bool


class _Odd(Exception):
    """The exact reader must decide."""


class FlatRows:
    """Turns the records of one dataset's documents into rows.

    A record that is read quickly has no fault, and the texts that `read.json_rows` gives. Every other record is read
    by that module itself, and its faults are written down for the gate: `FAULTS` is a JSON list of them, `RAW` the text
    of the record.
    """

    def __init__(self, plan: Plan) -> None:
        recipe = plan.recipe
        self._names = [column.name for column in recipe.columns]
        self._rows = Rows(recipe)
        self._explodes = bool(recipe.lists)
        self._rest = Rest(recipe, plan.ignore) if plan.keep_rest else None
        self._of_base = [_OfBase(self._rows, recipe.columns, base) for base in range(len(recipe.lists) + 1)]

    def of_line(self, line: bytes) -> Iterator[FlatRow]:
        """The rows of one line; none for a blank one."""
        rows = self._quick(line, clean=True)
        return iter(rows) if rows is not None else map(self._exact, self._rows.of_line(line))

    def of_record(self, text: bytes, clean: bool) -> Iterator[FlatRow]:
        """The rows of one record of a document. `clean`: all bytes of the document were characters.

        Raises `ValueError` where it is not valid JSON.
        """
        rows = self._quick(text, clean)
        return iter(rows) if rows is not None else map(self._exact, self._rows.of_record(text.decode(), clean))

    def of_text(self, text: str, clean: bool) -> Iterator[FlatRow]:
        """The rows of a document by the exact reader alone. Raises `ValueError` before the first row."""
        return map(self._exact, self._rows.of_text(text, clean))

    def _quick(self, text: bytes, clean: bool) -> list[FlatRow] | None:
        record = quick_value(text)
        if type(record) is not dict:
            return None
        try:
            if not self._explodes:
                texts: Texts = [None] * len(self._names)
                return [self._quick_row([record], texts, clean)]
            return list(self._exploded(record, clean))
        except (_Odd, RecursionError, ValueError):
            return None

    def _exploded(self, record: dict[str, Any], clean: bool) -> Iterator[FlatRow]:
        top: Texts = [None] * len(self._names)
        self._of_base[0].fill(top, [record])
        for elements, _, faults in self._rows.exploded(record):
            if faults:
                raise _Odd
            yield self._quick_row(elements, list(top), clean, first=1)

    def _quick_row(self, elements: list[Any], texts: Texts, clean: bool, first: int = 0) -> FlatRow:
        for of_base in self._of_base[first:]:
            of_base.fill(texts, elements)
        if not clean and any(text and _REPLACED in text for text in texts):
            raise _Odd
        rest = [self._rest.text(elements)] if self._rest else []
        return FlatRow([*texts, *rest, None, None], refused=False)

    def _exact(self, row: Row) -> FlatRow:
        texts, faults, raw = without_surrogates(self._names, Parts(row.texts, row.faults, row.raw))
        rest = [characters(self._rest.text(row.elements))] if self._rest else []
        said = json.dumps(faults, ensure_ascii=False) if faults else None
        return FlatRow([*texts, *rest, said, raw], refused=bool(faults))


class _OfBase:
    """The columns that are read from the record (base 0), or from the element of one exploded list."""

    def __init__(self, rows: Rows, columns: Sequence[Wanted], base: int) -> None:
        here = [(at, c) for at, c in enumerate(columns) if max(way.base for way in c.ways) == base]
        self._rows = rows
        self._odd = [(at, column) for at, column in here if _place(column) is None]
        places = dict.fromkeys(place for _, column in here if (place := _place(column)) is not None)
        self._places = [
            _Place(rows, base, place, [(at, c) for at, c in here if _place(c) == place]) for place in places
        ]

    def fill(self, texts: Texts, elements: list[Any]) -> None:
        """Set the texts of these columns. Raises `_Odd`."""
        for place in self._places:
            place.fill(texts, elements)
        for at, column in self._odd:
            texts[at] = _found(self._rows, column, elements)


class _Place:
    """Columns whose paths are keys of one object: which keys an object has says where each of them is."""

    def __init__(self, rows: Rows, base: int, path: Path, columns: Sequence[tuple[int, Wanted]]) -> None:
        self._rows, self._base, self._path, self._columns = rows, base, path, columns
        self._shapes: dict[tuple[str, ...], _Simple | None] = {}

    def fill(self, texts: Texts, elements: list[Any]) -> None:
        """Set the texts of these columns. Raises `_Odd`."""
        place = elements[self._base]
        for part in self._path:
            place = _step(place, part)
        if type(place) is not dict:
            for at, column in self._columns:
                texts[at] = _found(self._rows, column, elements)
            return
        shape = tuple(place)
        keys = self._shapes[shape] if shape in self._shapes else self._resolved(shape)
        if keys is None:
            raise _Odd
        for at, key, column in keys:
            value = place[key]
            if type(value) is str and not column.nested:
                texts[at] = value
            elif value is not None:
                texts[at] = _text(value, column)

    def _resolved(self, shape: tuple[str, ...]) -> _Simple | None:
        """The key of each column in objects with these keys; None where the exact reader finds a fault."""
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        element: Any = dict(zip(shape, shape, strict=True))
        for part in reversed(self._path):
            element = {part: element} if isinstance(part, str) else [None] * part + [element]
        elements = [element] * (self._base + 1)
        found = [(at, self._rows.found(column, elements), column) for at, column in self._columns]
        faulty = any(fault is not None for _, (_, _, fault), _ in found)
        resolved = tuple((at, key, column) for at, (_, key, _), column in found if key is not ABSENT)
        self._shapes[shape] = None if faulty else resolved
        return self._shapes[shape]


def _place(column: Wanted) -> Path | None:
    """The path of the object in which every path of the column is a key; None where there is no such object."""
    places = {(way.base, way.parts[:-1]) for way in column.ways}
    keys = [way.parts[-1] for way in column.ways if way.parts]
    return places.pop()[1] if len(places) == 1 and keys and all(isinstance(key, str) for key in keys) else None


def _step(value: Any, part: str | int) -> Any:
    """One step along a path; `ABSENT` where the path does not lead on."""
    if type(value) is dict:
        return value.get(part, ABSENT)
    if type(value) is list and type(part) is int and part < len(value):
        return value[part]
    return ABSENT


def _found(rows: Rows, column: Wanted, elements: list[Any]) -> str | None:
    """The text by the reader's own search. Raises `_Odd` where it finds a fault."""
    _, value, fault = rows.found(column, elements)
    if fault is not None:
        raise _Odd
    return None if value is ABSENT or value is None else _text(value, column)


def _text(value: Any, column: Wanted) -> str | None:
    """What the reader delivers for a value that is not a plain text. Raises `_Odd` where that is a fault."""
    kind = type(value)
    if not column.nested:
        if kind is str:
            return value
        if kind is int:
            return str(value)
        if kind is Raw:
            return bytes(value).decode()
    faults: list[str] = []
    text = delivered(with_numbers(value), column.data_type, "", faults)
    if faults:
        raise _Odd
    return str(text) if text is not None else None
