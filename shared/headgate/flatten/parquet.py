"""Write rows of texts as one Parquet file: DuckDB reads them from a pipe as CSV while they are being made.

DuckDB's own reader of documents is not used: it rewrites numbers (`1.10` to `1.1`, `1E5` to `100000.0`, and it keeps 17
digits of a decimal). Texts pass it unchanged. Two of its ways to read a pipe are not used either, because they keep all
that they have read until the end (DuckDB 2.0): that of JSON lines, and that of CSV with `parallel = false`.
"""

from __future__ import annotations

import codecs
import io
import os
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import duckdb

from headgate.read.refused import CannotBelong

MOST_OF_A_ROW = 8 << 20  # bytes of the texts of a row
_ROWS_AT_ONCE = 512
_GROUP = 12_288  # rows of a row group: few, because each is held in memory
_MEMORY = "384MB"
# The pipe's CSV has no quotes: where a buffer ends, DuckDB takes a line end in quotes for one between rows. A separator
# divides values, and what could be mistaken for a part of the CSV is written as `_MARK` and a letter.
_MARK, _SEPARATOR, _NULL = "\x01", "\x1f", "\x01N"
_MARKED = {_MARK: "A", "\n": "B", "\r": "C", _SEPARATOR: "D"}  # the mark itself first, and last when it is undone
_LONGEST = 2 * MOST_OF_A_ROW + (1 << 20)  # of a line: every character may be marked


def write_parquet(names: Sequence[str], rows: Iterable[Sequence[str | None]], target: Path) -> None:
    """Write rows in their order; every column is an optional text, of any values.

    An exception of `rows` is raised again, and the file is not to be used. Raises `CannotBelong` for a row that is too
    long.
    """
    reading, writing = os.pipe()
    pump = _Pump(rows, writing)
    pump.start()
    try:
        with duckdb.connect() as connection:
            connection.execute(f"SET threads = 1; SET memory_limit = '{_MEMORY}'; SET enable_progress_bar = false")
            connection.execute(_copy(names, f"/dev/fd/{reading}", target))
    finally:
        os.close(reading)  # the pump stops at once if DuckDB has failed
        pump.join()
        if pump.error is not None:
            raise pump.error


def _copy(names: Sequence[str], source: str, target: Path) -> str:
    columns = ", ".join(f"c{at}: 'VARCHAR'" for at in range(len(names)))
    options = (
        f"header = false, auto_detect = false, delim = {_char(_SEPARATOR)}, quote = '', escape = '', new_line = '\\n', "
        f"nullstr = {_char(_MARK)} || 'N', compression = 'none', max_line_size = {_LONGEST}, buffer_size = {_LONGEST}"
    )
    read = f"read_csv({_quoted(source)}, columns = {{{columns}}}, {options})"
    selected = ", ".join(f"{_unmarked(f'c{at}')} AS {_quoted(name, chr(34))}" for at, name in enumerate(names))
    parquet = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP}"
    return f"COPY (SELECT {selected} FROM {read}) TO {_quoted(str(target))} ({parquet})"


def _unmarked(column: str) -> str:
    """The text as it was, in SQL."""
    text = column
    for character, letter in reversed(_MARKED.items()):
        text = f"replace({text}, {_char(_MARK)} || '{letter}', {_char(character)})"
    return f"CASE WHEN contains({column}, {_char(_MARK)}) THEN {text} ELSE {column} END"


def _char(character: str) -> str:
    return f"chr({ord(character)})"


def _quoted(text: str, quote: str = "'") -> str:
    return quote + text.replace(quote, quote * 2) + quote


class _Pump(threading.Thread):
    """Writes rows into a pipe, and closes it behind the last one."""

    def __init__(self, rows: Iterable[Sequence[str | None]], pipe: int) -> None:
        super().__init__(daemon=True)
        self._rows, self._pipe = rows, pipe
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with os.fdopen(self._pipe, "wb", buffering=0) as pipe, suppress(BrokenPipeError):
                self._write(pipe)
        except BaseException as error:
            self.error = error

    def _write(self, pipe: io.FileIO) -> None:
        rows = iter(self._rows)
        _write_all(pipe, codecs.BOM_UTF8)  # DuckDB drops one: otherwise that of a first text that begins with it
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            lines = _lines(batch).encode()
            if len(lines) > MOST_OF_A_ROW and max(map(_size, batch)) > MOST_OF_A_ROW:
                raise CannotBelong(f"has a row of more than {MOST_OF_A_ROW >> 20} MB, the most that one row can have")
            _write_all(pipe, lines)


def _lines(rows: Sequence[Sequence[str | None]]) -> str:
    """The rows as CSV."""
    plain = [[_NULL if value is None else value for value in row] for row in rows]
    text = "\n".join(map(_SEPARATOR.join, plain)) + "\n"
    nulls, values = sum(row.count(None) for row in rows), sum(map(len, rows))
    separators = (text.count("\n"), text.count(_SEPARATOR), text.count("\r"), text.count(_MARK))
    if separators == (len(rows), values - len(rows), 0, nulls):
        return text
    marked = ([_NULL if value is None else _marked(value) for value in row] for row in rows)
    return "\n".join(map(_SEPARATOR.join, marked)) + "\n"


def _marked(text: str) -> str:
    for character, letter in _MARKED.items():
        if character in text:
            text = text.replace(character, _MARK + letter)
    return text


def _size(row: Sequence[str | None]) -> int:
    return sum(len(value.encode()) for value in row if value)


def _write_all(pipe: io.FileIO, text: bytes) -> None:
    left = memoryview(text)
    while left:
        left = left[pipe.write(left) :]
