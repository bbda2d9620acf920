"""From JSON texts to rows: records, exploded lists, and one text per column. Pure Python; runs in Spark's workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.contract.json_path import spelled
from headgate.read.json_exact import Reader, after_space, json_text, keys_twice
from headgate.read.json_keys import ABSENT, Fault, Paths
from headgate.read.json_recipe import Recipe, Wanted, Way
from headgate.read.json_shape import delivered, is_nothing, kind

_ROOT = -1  # the base of the path to the records: the document
_SAID = "where the list of records is declared"
_TOO_DEEP = "(nested too deeply to be shown)"


@dataclass(frozen=True)
class Row:
    """Texts in the order of the columns, the faults of the record, and its text where it has faults.

    `elements` are the record and the row's element of each exploded list; none of what is not a record.
    """

    texts: Sequence[str | None]
    faults: Sequence[str]
    raw: str | None
    elements: Sequence[Any] = ()


class Rows:
    """Turns lines and documents into rows by a recipe."""

    def __init__(self, wanted: Recipe) -> None:
        self._wanted = wanted
        self._reader = Reader()
        self._paths = Paths(wanted.taken, wanted.rivals)

    def of_line(self, line: bytes) -> Iterator[Row]:
        """The rows of the record on one line, or of several one after another; none for a blank line."""
        text, clean = self._decoded(line)
        if after_space(text, 0) == len(text):
            return
        try:
            record = self._reader.read(text)
        except ValueError:
            yield from self._several(text, clean)
            return
        yield from self._rows(record, clean, self._reader.twice, text)

    def _several(self, text: str, clean: bool) -> Iterator[Row]:
        try:
            records = [(record, self._reader.twice) for record, _ in self._reader.each(text)]
        except ValueError:
            yield self._nothing("record: not JSON", text)
            return
        for record, twice in records:
            yield from self._rows(record, clean, twice, None)

    def of_record(self, text: str, clean: bool) -> Iterator[Row]:
        """The rows of one record of a document; `clean`: all its bytes were characters. Raises `ValueError`."""
        record = self._reader.read(text)
        yield from self._rows(record, clean, self._reader.twice, None)

    def of_document(self, content: bytes) -> Iterator[Row]:
        """The rows of a whole file: one object or list, or several one after another.

        Raises `ValueError` with what is wrong before the first row. Several are parsed twice, so that one is held at a
        time and a file that is cut short gives no row.
        """
        yield from self.of_text(*self._decoded(content))

    def of_text(self, text: str, clean: bool) -> Iterator[Row]:
        """The same of its text; `clean`: all its bytes were characters."""
        try:
            root, alone = next(self._reader.each(text), (None, False))
            if not alone:
                for value, _ in self._reader.each(text):
                    self._records(value)
        except ValueError as error:
            raise ValueError(error if _SAID in str(error) else f"is cut short or not valid JSON: {error}") from error
        roots = iter([(root, self._reader.twice)]) if alone else self._each(text)
        for value, twice in roots:
            for record in self._records(value):
                yield from self._rows(record, clean, twice, None)

    def _each(self, text: str) -> Iterator[tuple[Any, bool]]:
        return ((value, self._reader.twice) for value, _ in self._reader.each(text))

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
        records, fault = self._paths.either(root, _ROOT, path)
        if isinstance(records, list):
            return records
        what = "nothing" if fault or records is ABSENT or records is None else kind(records)
        raise ValueError(f"has {what} at `{spelled(path)}`, {_SAID}")

    def _nothing(self, fault: str, raw: str) -> Row:
        return Row([None] * len(self._wanted.columns), [fault], raw)

    def _rows(self, record: Any, clean: bool, twice: bool, raw: str | None) -> Iterator[Row]:
        try:
            yield from self._rows_of(record, clean, twice, raw)
        except RecursionError:
            yield self._nothing("record: nested too deeply", raw or _TOO_DEEP)

    def _rows_of(self, record: Any, clean: bool, twice: bool, raw: str | None) -> Iterator[Row]:
        if not isinstance(record, dict):
            yield self._nothing(f"record: {kind(record)} where an object is declared", raw or json_text(record))
            return
        common = [f"record: the key `{key}` occurs twice" for key in dict.fromkeys(keys_twice(record))] if twice else []
        for elements, labels, faults in self._exploded([record], [""], common, 0):
            of_row = list(faults)
            texts = [self._text(column, elements, labels, of_row) for column in self._wanted.columns]
            if not clean:
                of_row += self._undecodable(texts)
            yield Row(texts, of_row, (raw or json_text(record)) if of_row else None, elements)

    def exploded(self, record: dict[str, Any]) -> Iterator[tuple[list[Any], list[str], list[str]]]:
        """Per row of a record: the record and its element of each exploded list, their labels, and faults."""
        return self._exploded([record], [""], [], 0)

    def _exploded(
        self, elements: list[Any], labels: list[str], faults: list[str], level: int
    ) -> Iterator[tuple[list[Any], list[str], list[str]]]:
        """Every combination of the exploded lists' elements; a list that is missing or empty gives one null."""
        if level == len(self._wanted.lists):
            yield elements, labels, faults
            return
        way = self._wanted.lists[level]
        exploded, fault = self._paths.either(elements[way.base], way.base, way.parts)
        label = _joined(labels[way.base], way.text)
        if exploded is ABSENT or is_nothing(exploded):
            more = [f"{_joined(labels[way.base], spelled(fault[0]))}: {fault[1]}"] if fault else []
            yield from self._exploded([*elements, None], [*labels, label], [*faults, *more], level + 1)
        elif not isinstance(exploded, list):
            more = [f"{label}: {kind(exploded)} where a list is declared"]
            yield from self._exploded([*elements, None], [*labels, label], [*faults, *more], level + 1)
        else:
            for place, element in enumerate(exploded):
                yield from self._exploded([*elements, element], [*labels, f"{label}[{place}]"], faults, level + 1)

    def _text(self, column: Wanted, elements: list[Any], labels: list[str], faults: list[str]) -> str | None:
        way, value, fault = self.found(column, elements)
        if fault is not None:
            faults.append(f"{_joined(labels[way.base], spelled(fault[0]))}: {fault[1]}")
            return None
        if value is ABSENT or value is None:
            return None
        if column.given:
            faults.append(f"{column.name}: is in the record and in the path of its file")
            return None
        if isinstance(value, str) and not column.nested:
            return value
        return delivered(value, column.data_type, _joined(labels[way.base], way.text), faults)

    def found(self, column: Wanted, elements: list[Any]) -> tuple[Way, Any, Fault | None]:
        """The first of the column's paths that the record has, by its exact keys, else ignoring case."""
        for way in column.ways:
            value, fault = self._paths.exact(elements[way.base], way.parts)
            if value is not ABSENT or fault is not None:
                return way, value, fault
        for way in column.ways:
            value, fault = self._paths.folded(elements[way.base], way.base, way.parts)
            if value is not ABSENT or fault is not None:
                return way, value, fault
        return column.ways[0], ABSENT, None

    def _undecodable(self, texts: Sequence[str | None]) -> list[str]:
        names = (c.name for c, text in zip(self._wanted.columns, texts, strict=True) if text and "\ufffd" in text)
        return [f"{name}: bytes that are not {self._wanted.encoding}" for name in names]


def _joined(base: str, rest: str) -> str:
    return base + ("." if base and rest and not rest.startswith("[") else "") + rest
