"""What no column names of a record: a JSON object like the record, without the values that columns read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from headgate.contract.json_path import Path
from headgate.flatten.quick import Unsure, exact_json
from headgate.read.json_characters import characters
from headgate.read.json_exact import json_text
from headgate.read.json_recipe import Recipe
from headgate.read.json_shape import is_nothing

_NOTHING = object()


class _Named:
    """The keys and places below one value that the contract names; `whole`: the value itself."""

    __slots__ = ("below", "element", "known", "whole")

    def __init__(self) -> None:
        self.whole = False
        self.element: int | None = None  # of an exploded list: which element of the row is here
        self.below: dict[str | int, _Named] = {}
        self.known: dict[str | int, _Named | None] = {}

    def at(self, part: str | int) -> _Named:
        fold = part.casefold() if isinstance(part, str) else part
        return self.below.setdefault(fold, _Named())

    def of(self, key: str) -> _Named | None:
        """What is named at a key, ignoring case."""
        if key not in self.known:
            if len(self.known) > 10_000:
                self.known.clear()
            self.known[key] = self.below.get(key.casefold())
        return self.known[key]


class Rest:
    """Takes from records what no column names, ignoring case; `ignored` keys at the top are left out as well.

    The row's element of an exploded list is where the list was. A list that columns read by place is left out if
    they read all of its places, and otherwise stays whole.
    """

    def __init__(self, recipe: Recipe, ignored: Collection[str]) -> None:
        self._bases = [_Named() for _ in range(len(recipe.lists) + 1)]
        for way in (way for column in recipe.columns for way in column.ways):
            self._node(way.base, way.parts).whole = True
        for at, way in enumerate(recipe.lists):
            self._node(way.base, way.parts).element = at + 1
        for key in ignored:
            self._bases[0].at(key).whole = True

    def _node(self, base: int, parts: Path) -> _Named:
        node = self._bases[base]
        for part in parts:
            node = node.at(part)
        return node

    def text(self, elements: Sequence[Any]) -> str | None:
        """The rest of a row as JSON; None where nothing is left. `elements` as in `read.json_rows.Row`."""
        if not elements:
            return None
        left = self._left(elements[0], self._bases[0], elements)
        if left is _NOTHING or left == {}:
            return None
        try:
            return exact_json(left)
        except Unsure:
            return characters(json_text(left))

    def _left(self, value: Any, named: _Named, elements: Sequence[Any]) -> Any:
        if named.whole:
            return _NOTHING
        at = named.element
        if at is not None and is_nothing(value):
            return _NOTHING
        if at is not None and isinstance(value, list):
            return self._left(elements[at], self._bases[at], elements)
        if not named.below:
            return value
        if isinstance(value, dict):
            left = self._members(value, named, elements)
            return left if left or not value else _NOTHING
        if isinstance(value, list) and all(at in named.below and named.below[at].whole for at in range(len(value))):
            return _NOTHING
        return value

    def _members(self, value: dict[str, Any], named: _Named, elements: Sequence[Any]) -> dict[str, Any]:
        left, known = {}, named.known
        for key, part in value.items():
            below = known[key] if key in known else named.of(key)
            if below is None:
                left[key] = part
            elif not below.whole and (of_part := self._left(part, below, elements)) is not _NOTHING:
                left[key] = of_part
        return left
