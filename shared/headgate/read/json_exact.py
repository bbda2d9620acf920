"""Parse JSON without loss: numbers keep their text, and a key that occurs twice in an object is noticed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any


class Number(str):
    """A number's text, exactly as in the source."""

    __slots__ = ()


class Twice(dict):
    """An object in which a key occurs more than once; the last one counts."""

    key: str = ""


class Reader:
    """Parses JSON texts; `twice` is true when an object of the last text had a key more than once."""

    def __init__(self) -> None:
        self.twice = False
        self._decoder = json.JSONDecoder(
            parse_float=Number, parse_int=Number, parse_constant=Number, object_pairs_hook=self._object
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        self.twice = True
        keys = [key for key, _ in pairs]
        odd = Twice(plain)
        odd.key = next(key for key in keys if keys.count(key) > 1)
        return odd

    def read(self, text: str) -> Any:
        """The value of a whole JSON text. Raises `ValueError` with the place where it is not valid."""
        self.twice = False
        try:
            return self._decoder.decode(text)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def read_from(self, text: str, start: int) -> tuple[Any, int]:
        """The value that begins at `start`, and where it ends. Raises `ValueError`."""
        self.twice = False
        try:
            return self._decoder.raw_decode(text, start)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def each(self, text: str) -> Iterator[tuple[Any, bool]]:
        """Every object and list of the text, one after another, and whether nothing follows it.

        White space, byte-order marks and record separators between them do not matter. Raises `ValueError` with the
        place where the text is not valid.
        """
        at = after_space(text, 0)
        while at < len(text):
            if text[at] not in "{[":
                raise ValueError(f"neither an object nor a list: line {text.count(chr(10), 0, at) + 1} (char {at})")
            value, end = self.read_from(text, at)
            at = after_space(text, end)
            yield value, at == len(text)


_SPACE = re.compile(r"[ \t\r\n\x1e\ufeff]*")


def after_space(text: str, at: int) -> int:
    """Where the next value begins, after white space and what some writers put between records."""
    space = _SPACE.match(text, at)
    return space.end() if space else at


def keys_twice(value: Any) -> Iterator[str]:
    """Every key that occurs more than once in one object of `value`."""
    if isinstance(value, Twice):
        yield value.key
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from keys_twice(part)


def json_text(value: Any) -> str:
    """The JSON text of a value that a `Reader` parsed; numbers keep their text."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_string(key)}: {json_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    return _string(value)


_string = json.JSONEncoder(ensure_ascii=False).encode
