"""From JSON texts to rows: records, exploded lists, and one text per column. Pure Python; runs in Spark's workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.contract.json_path import Path, spelled
from headgate.read.json_exact import Reader, json_text, keys_twice
from headgate.read.json_recipe import Recipe, Wanted
from headgate.read.json_shape import delivered, is_nothing, kind

_ABSENT = object()


@dataclass(frozen=True)
class Row:
    """Texts in the order of the columns, the faults of the record, and its text where it has faults."""

    texts: Sequence[str | None]
    faults: Sequence[str]
    raw: str | None


class Rows:
    """Turns lines and documents into rows by a recipe."""

    def __init__(self, wanted: Recipe) -> None:
        self._wanted = wanted
        self._reader = Reader()

    def of_line(self, line: bytes) -> Iterator[Row]:
        """The rows of the record on one line; none for a blank line."""
        text, clean = self._decoded(line)
        if not text.strip():
            return
        try:
            record = self._reader.read(text)
        except ValueError:
            yield self._nothing("record: not JSON", text)
            return
        yield from self._rows(record, clean, self._reader.twice, text)

    def of_document(self, content: bytes) -> Iterator[Row]:
        """The rows of a whole file. Raises `ValueError` with what is wrong before the first row."""
        text, clean = self._decoded(content)
        try:
            root = self._reader.read(text)
        except ValueError as error:
            raise ValueError(f"is cut short or not valid JSON: {error}") from error
        twice = self._reader.twice
        for record in self._records(root):
            yield from self._rows(record, clean, twice, None)

    def _decoded(self, content: bytes) -> tuple[str, bool]:
        try:
            return content.decode(self._wanted.encoding).lstrip("\ufeff"), True
        except UnicodeDecodeError:
            return content.decode(self._wanted.encoding, errors="replace").lstrip("\ufeff"), False

    def _records(self, root: Any) -> list[Any]:
        if isinstance(root, list):
            return root
        path = self._wanted.records
        if not path:
            return [root]
        records, fault = _follow(root, path)
        if isinstance(records, list):
            return records
        what = "nothing" if fault or records is _ABSENT or records is None else kind(records)
        raise ValueError(f"has {what} at `{spelled(path)}`, where the list of records is declared")

    def _nothing(self, fault: str, raw: str) -> Row:
        return Row([None] * len(self._wanted.columns), [fault], raw)

    def _rows(self, record: Any, clean: bool, twice: bool, raw: str | None) -> Iterator[Row]:
        if not isinstance(record, dict):
            yield self._nothing(f"record: {kind(record)} where an object is declared", raw or json_text(record))
            return
        common = [f"record: the key `{key}` occurs twice" for key in dict.fromkeys(keys_twice(record))] if twice else []
        for elements, labels, faults in self._exploded([record], [""], common, 0):
            of_row = list(faults)
            texts = [self._text(column, elements, labels, of_row) for column in self._wanted.columns]
            if not clean:
                of_row += self._undecodable(texts)
            yield Row(texts, of_row, (raw or json_text(record)) if of_row else None)

    def _exploded(
        self, elements: list[Any], labels: list[str], faults: list[str], level: int
    ) -> Iterator[tuple[list[Any], list[str], list[str]]]:
        """Every combination of the exploded lists' elements; a list that is missing or empty gives one null."""
        if level == len(self._wanted.lists):
            yield elements, labels, faults
            return
        way = self._wanted.lists[level]
        exploded, fault = _follow(elements[way.base], way.parts)
        label = _joined(labels[way.base], way.text)
        if exploded is _ABSENT or is_nothing(exploded):
            more = [f"{_joined(labels[way.base], spelled(fault[0]))}: {fault[1]}"] if fault else []
            yield from self._exploded([*elements, None], [*labels, label], [*faults, *more], level + 1)
        elif not isinstance(exploded, list):
            more = [f"{label}: {kind(exploded)} where a list is declared"]
            yield from self._exploded([*elements, None], [*labels, label], [*faults, *more], level + 1)
        else:
            for place, element in enumerate(exploded):
                yield from self._exploded([*elements, element], [*labels, f"{label}[{place}]"], faults, level + 1)

    def _text(self, column: Wanted, elements: list[Any], labels: list[str], faults: list[str]) -> str | None:
        for way in column.ways:
            value, fault = _follow(elements[way.base], way.parts)
            if fault is not None:
                faults.append(f"{_joined(labels[way.base], spelled(fault[0]))}: {fault[1]}")
                return None
            if value is not _ABSENT:
                if value is None or (isinstance(value, str) and not column.nested):
                    return value
                return delivered(value, column.data_type, _joined(labels[way.base], way.text), faults)
        return None

    def _undecodable(self, texts: Sequence[str | None]) -> list[str]:
        names = (c.name for c, text in zip(self._wanted.columns, texts, strict=True) if text and "\ufffd" in text)
        return [f"{name}: bytes that are not {self._wanted.encoding}" for name in names]


def _joined(base: str, rest: str) -> str:
    return base + ("." if base and rest and not rest.startswith("[") else "") + rest


def _follow(value: Any, parts: Path) -> tuple[Any, tuple[Path, str] | None]:
    """The value at the end of a path (`_ABSENT` where a key is missing), or the place and fault where shapes differ."""
    for at, part in enumerate(parts):
        if isinstance(part, str):
            if isinstance(value, dict):
                if part not in value:
                    return _ABSENT, None
                value = value[part]
                continue
            wanted = "an object"
        else:
            if isinstance(value, list):
                if part >= len(value):
                    return _ABSENT, None
                value = value[part]
                continue
            wanted = "a list"
        if is_nothing(value):
            return _ABSENT, None
        return _ABSENT, (parts[:at], f"{kind(value)} where {wanted} is declared")
    return value, None
