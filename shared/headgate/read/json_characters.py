"""A lone escape such as `\\ud800` is half of a surrogate pair and not a character: no text may hold it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Parts(NamedTuple):
    """A row's texts, faults and record text."""

    texts: Sequence[str | None]
    faults: Sequence[str]
    raw: str | None


def without_surrogates(names: Sequence[str], parts: Parts) -> Parts:
    """The row with U+FFFD for each half of a pair, and a fault for each column that had one."""
    clean = [characters(text) for text in parts.texts]
    odd = [name for name, before, after in zip(names, parts.texts, clean, strict=True) if before != after]
    more = [f"{name}: half of a surrogate pair is not a character" for name in odd]
    raw = parts.raw if parts.raw is not None or not odd else "\t".join(text or "" for text in clean)
    return Parts(clean, [_present(fault) for fault in [*parts.faults, *more]], characters(raw))


def characters(text: str | None) -> str | None:
    """The text with U+FFFD for each half of a surrogate pair."""
    return None if text is None else _present(text)


def _present(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
