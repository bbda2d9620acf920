"""Which columns could identify a row, which one says what is newest, and which one could partition the table."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

_ID = re.compile(r"(?:^|_)(?:id|key|nr|no|number|nummer|code|uuid|guid|sku|isbn|ean)$")
_NEWER = re.compile(
    r"(?:^|_)(?:updated|modified|changed|last_changed|geaendert|aktualisiert|version|valid_from|updated_at|modified_at)(?:_|$)"
)
_NO_KEY = ("decimal", "double", "float", "boolean", "array", "struct")
_PAIRED = 8  # the first columns that are tried in pairs
_LONGEST = 60  # characters of a value of a key, on average


def key_of(dataset: str, types: Mapping[str, str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The columns whose values identify every row of the sample: one, or else two; none where no pair does.

    `types` are the published columns with their types, in the order of the values in `rows`.
    """
    if len(rows) < 2:
        return ()
    names = list(types)
    able = [at for at, name in enumerate(names) if not types[name].startswith(_NO_KEY)]
    able.sort(key=lambda at: _rank(dataset, names[at], types[names[at]], at))
    for at in able:
        if _is_unique(rows, (at,)):
            return (names[at],)
    near = [at for at in able if _ID.search(names[at])] + able
    for pair in itertools.combinations(list(dict.fromkeys(near))[:_PAIRED], 2):
        if _is_unique(rows, tuple(sorted(pair))):
            return tuple(names[at] for at in sorted(pair))
    return ()


def order_of(types: Mapping[str, str]) -> str | None:
    """The column by which the newest row of a key wins, if there is one by its name and type."""
    return next(
        (name for name, kind in types.items() if _NEWER.search(name) and kind.startswith(("date", "timestamp"))), None
    )


def partition_of(types: Mapping[str, str]) -> str | None:
    """A transform that partitions by month of the first day or time, if there is one."""
    name = next((name for name, kind in types.items() if kind.startswith(("date", "timestamp"))), None)
    return f"months({name})" if name else None


def _rank(dataset: str, name: str, kind: str, at: int) -> tuple[int, int]:
    if name in ("id", f"{dataset}_id", f"{dataset.removesuffix('s')}_id"):
        return 0, at
    if _ID.search(name):
        return 1, at
    return (3 if kind.startswith(("date", "timestamp", "time")) else 2), at


def _is_unique(rows: Sequence[Sequence[str]], places: tuple[int, ...]) -> bool:
    seen: set[tuple[str, ...]] = set()
    length = 0
    for row in rows:
        value = tuple(row[at].strip() for at in places)
        if not all(value) or value in seen:
            return False
        seen.add(value)
        length += max(map(len, value))
    return length <= _LONGEST * len(rows)
