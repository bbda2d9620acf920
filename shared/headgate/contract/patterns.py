"""Date and time patterns, taken apart: fields, texts and optional sections, without Spark.

The letters are those of Spark 3.5, which hands patterns to Java's `DateTimeFormatter`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

EPOCHS = {"epoch_seconds": 1, "epoch_millis": 1000}
"""Formats that are words: how many of them make a second."""

HOURS, ZONES = "HhKk", "XxzVOZ"
TIME_OF_DAY = f"{HOURS}msSa"
_MOST_SECTIONS = 6  # 64 alternatives
_RESERVED = "{}#"


@dataclass(frozen=True)
class Part:
    """A run of one letter (`MM`), a text between fields, or a bracket; `source` is how the pattern spells it."""

    kind: str  # field, text, open or close
    source: str

    @property
    def letter(self) -> str:
        """The letter of a field; empty for other parts."""
        return self.source[0] if self.kind == "field" else ""

    @property
    def text(self) -> str:
        """What a text part stands for."""
        if not self.source.startswith("'"):
            return self.source
        return self.source[1:-1].replace("''", "'") or "'"


def parts(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern. Raises `ValueError` for quotes and brackets without their other half."""
    found, at = [], 0
    while at < len(pattern):
        part = _part(pattern, at)
        found.append(part)
        at += len(part.source)
    _require_closed(pattern, found)
    return tuple(found)


def _part(pattern: str, at: int) -> Part:
    char = pattern[at]
    if char in "[]":
        return Part("open" if char == "[" else "close", char)
    if char == "'":
        return Part("text", pattern[at : _end_of_quotes(pattern, at)])
    if char in _RESERVED:
        raise ValueError(f"`{char}` is reserved")
    end = at + 1
    if char.isascii() and char.isalpha():
        while end < len(pattern) and pattern[end] == char:
            end += 1
        return Part("field", pattern[at:end])
    return Part("text", char)


def _end_of_quotes(pattern: str, at: int) -> int:
    """The place behind the quote that closes the one at `at`; a doubled quote inside stands for one."""
    end = at + 1
    while (end := pattern.find("'", end)) >= 0:
        if end == at + 1 or pattern[end : end + 2] != "''":
            return end + 1
        end += 2
    raise ValueError("a quote is not closed")


def _require_closed(pattern: str, found: Sequence[Part]) -> None:
    depth = 0
    for part in found:
        depth += {"open": 1, "close": -1}.get(part.kind, 0)
        if depth < 0:
            break
    if depth:
        raise ValueError("a bracket has no other half")
    if sum(part.kind == "open" for part in found) > _MOST_SECTIONS:
        raise ValueError(f"there are more than {_MOST_SECTIONS} optional sections")


def spelled(found: Sequence[Part]) -> str:
    """The parts as a pattern again."""
    return "".join(part.source for part in found)


def alternatives(pattern: str) -> tuple[str, ...]:
    """The patterns without brackets that a pattern stands for, the longest first.

    Where everything is optional (`[yyyy-MM-dd][dd/MM/yyyy]`), exactly one of the sections is meant.
    """
    found = parts(pattern)
    sections = _sections(found)
    if sections:
        expanded = [spelled(way) for section in sections for way in _expanded(section)]
    else:
        expanded = [spelled(way) for way in _expanded(found)]
    return tuple(dict.fromkeys(way for way in expanded if way))


def _sections(found: Sequence[Part]) -> list[tuple[Part, ...]]:
    """The inner parts of each section, if the pattern has nothing outside of them; else none."""
    sections, at = [], 0
    while at < len(found):
        if found[at].kind != "open":
            return []
        end = _close_of(found, at)
        sections.append(tuple(found[at + 1 : end]))
        at = end + 1
    return sections


def _close_of(found: Sequence[Part], opened: int) -> int:
    depth = 0
    for at in range(opened, len(found)):
        depth += {"open": 1, "close": -1}.get(found[at].kind, 0)
        if depth == 0:
            return at
    raise ValueError("a bracket has no other half")  # `parts` has made sure that there is one


def _expanded(found: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    opened = next((at for at, part in enumerate(found) if part.kind == "open"), None)
    if opened is None:
        yield tuple(found)
        return
    end = _close_of(found, opened)
    before, inside, after = found[:opened], found[opened + 1 : end], found[end + 1 :]
    for middle in (inside, ()):
        yield from _expanded((*before, *middle, *after))


def fields(pattern: str) -> tuple[Part, ...]:
    """The runs of letters of a pattern, in order."""
    return tuple(part for part in parts(pattern) if part.kind == "field")


def is_zoned(pattern: str) -> bool:
    """True when the pattern reads a zone or an offset, or is an instant by itself."""
    return pattern in EPOCHS or any(part.letter in ZONES for part in fields(pattern))


def has_time_of_day(pattern: str) -> bool:
    """True when the pattern reads hours or less."""
    return pattern not in EPOCHS and any(part.letter in TIME_OF_DAY for part in fields(pattern))


def has_short_year(pattern: str) -> bool:
    """True when the pattern reads years of two digits."""
    return pattern not in EPOCHS and any(part.source in ("yy", "uu") for part in fields(pattern))
