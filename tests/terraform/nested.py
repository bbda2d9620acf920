"""Every text in a value of lists and mappings: of a plan, a state machine, or the parameters of a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its path, such as `target.input`; the parts of a list have the path of the list."""
    if isinstance(value, str):
        yield path.removeprefix("."), value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from texts_in(part, f"{path}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part, path)
