"""Find what a path names in a JSON value: by the exact keys, and where there are none, ignoring case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headgate.contract.json_path import Path, spelled
from headgate.read.json_shape import is_nothing, kind

ABSENT = object()
Fault = tuple[Path, str]  # where shapes differ, and how
_SHAPES = 256  # key sets of objects that are remembered

# A last key, and those of other columns at its place of which one differs in nothing but its case.
Rivals = Mapping[tuple[int, Path, str], tuple[Sequence[str], ...]]
Taken = frozenset[tuple[int, Path, str]]  # base, path to an object, and a key in it that the contract names exactly


class Paths:
    """Follows paths; a key that the contract names exactly is never taken for another spelling of a second one."""

    def __init__(self, taken: Taken, rivals: Rivals) -> None:
        self._taken = taken
        self._rivals = rivals
        self._shapes: dict[tuple[str, ...], Mapping[str, Sequence[str]]] = {}

    def exact(self, value: Any, parts: Path) -> tuple[Any, Fault | None]:
        """The value at the end of a path (`ABSENT` where a key is missing), or the place and fault of another shape."""
        return self._follow(value, 0, parts, folded=False)

    def folded(self, value: Any, base: int, parts: Path) -> tuple[Any, Fault | None]:
        """The same where no exact key fits: ignoring case. A key that could be two others is a fault."""
        return self._follow(value, base, parts, folded=True)

    def either(self, value: Any, base: int, parts: Path) -> tuple[Any, Fault | None]:
        """By the exact keys, else ignoring case."""
        found, fault = self.exact(value, parts)
        return self.folded(value, base, parts) if found is ABSENT and fault is None else (found, fault)

    def _follow(self, value: Any, base: int, parts: Path, *, folded: bool) -> tuple[Any, Fault | None]:
        for at, part in enumerate(parts):
            if isinstance(value, dict) and isinstance(part, str):
                if part not in value:
                    keys = self._spellings(value, base, parts, at) if folded else ()
                    if len(keys) != 1:
                        return ABSENT, (parts[: at + 1], _ambiguous(keys)) if keys else None
                    others = self._rivals.get((base, parts[:at], part), ()) if at == len(parts) - 1 else ()
                    if any(value.keys().isdisjoint(names) for names in others):
                        return ABSENT, (parts[: at + 1], f"`{spelled((keys[0],))}` could be another column as well")
                    part = keys[0]
                value = value[part]
            elif isinstance(value, list) and isinstance(part, int):
                if part >= len(value):
                    return ABSENT, None
                value = value[part]
            elif is_nothing(value):
                return ABSENT, None
            else:
                wanted = "an object" if isinstance(part, str) else "a list"
                return ABSENT, (parts[:at], f"{kind(value)} where {wanted} is declared")
        return value, None

    def _spellings(self, value: dict[str, Any], base: int, parts: Path, at: int) -> Sequence[str]:
        shape = tuple(value)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            known = self._shapes[shape] = by_fold(shape)
        keys = known.get(str(parts[at]).casefold(), ())
        return [key for key in keys if (base, parts[:at], key) not in self._taken]


def by_fold(keys: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The keys under what they are without regard to case."""
    folds: dict[str, list[str]] = {}
    for key in keys:
        folds.setdefault(key.casefold(), []).append(key)
    return folds


def _ambiguous(keys: Sequence[str]) -> str:
    return f"could be read from {' and '.join(f'`{spelled((key,))}`' for key in keys)}"
