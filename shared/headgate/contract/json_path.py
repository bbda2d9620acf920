"""Paths into a JSON record: `a.b`, `coordinates[0]`, `["a.b"]`, `"+1"`."""

from __future__ import annotations

import re

Part = str | int
Path = tuple[Part, ...]

_PART = re.compile(r'"([^"]*)"|\["([^"]*)"\]|\[(\d+)\]|([^.\[\]"]+)')


def parse_path(text: str) -> Path:
    """The keys (text) and places (numbers) of a path. Raises `ValueError` with what is wrong."""
    parts: list[Part] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f'`{text}` cannot be read at character {at + 1}; write `a.b`, `list[0]`, `"odd.key"`')
        quoted, bracketed, place, plain = match.groups()
        parts.append(int(place) if place is not None else next(x for x in (quoted, bracketed, plain) if x is not None))
        at = match.end()
        if at < len(text) and text[at] != "[":
            if text[at] != "." or at + 1 == len(text):
                raise ValueError(f"`{text}` cannot be read at character {at + 1}")
            at += 1
    if not parts:
        raise ValueError("an empty path names nothing")
    return tuple(parts)


def spelled(path: Path) -> str:
    """The path as messages name it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            plain = part if part and not re.search(r'[.\[\]"]', part) else f'"{part}"'
            text += f".{plain}" if text else plain
    return text
