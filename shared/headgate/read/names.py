"""Match the names in a file's header with the columns of a contract."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Column, Contract


@dataclass(frozen=True)
class Match:
    """Where each of a contract's columns is in a file, and which differences are worth reporting."""

    places: tuple[int | None, ...]  # one per `contract.read_columns`; None: the file lacks it
    renamed: tuple[tuple[str, str], ...]  # published name, name in the file (an alias or another spelling)
    missing: tuple[str, ...]  # published names read as null
    ignored: tuple[str, ...]  # names in the file that the contract drops


def normal(name: str) -> str:
    """A header name without byte-order mark and control characters, with single plain spaces inside and none around."""
    kept = (" " if c.isspace() or unicodedata.category(c) == "Zs" else c for c in name)
    visible = "".join(c for c in kept if c == " " or unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join(visible.split())


def match(contract: Contract, header: Sequence[str]) -> Match:
    """Find the contract's columns in `header` (normalised names): by the exact name first, then ignoring case.

    Raises `CannotBelong` for ambiguous names, for a missing key or required column, and for unknown columns.
    """
    taken: dict[int, Column] = {}
    places: dict[str, int] = {}
    for fold in (str, str.casefold):
        for column in contract.read_columns:
            if column.name not in places:
                _place(column, header, fold, taken, places)
    _refuse_missing(contract, header, places)
    ignored = _ignored(contract, header, taken)
    return Match(
        places=tuple(places.get(column.name) for column in contract.read_columns),
        renamed=tuple((c.name, header[i]) for i, c in sorted(taken.items()) if header[i] != normal(c.source_name)),
        missing=tuple(c.name for c in contract.read_columns if c.name not in places),
        ignored=ignored,
    )


def _place(
    column: Column,
    header: Sequence[str],
    fold: Callable[[str], str],
    taken: dict[int, Column],
    places: dict[str, int],
) -> None:
    wanted = {fold(normal(name)) for name in (column.source_name, *column.aliases)}
    fitting = [i for i, name in enumerate(header) if i not in taken and fold(name) in wanted]
    if len(fitting) > 1:
        names = ", ".join(f"`{header[i]}` (column {i + 1})" for i in fitting)
        raise CannotBelong(f"`{column.name}` could be read from {names}; keep one of them in the file")
    if fitting:
        taken[fitting[0]] = column
        places[column.name] = fitting[0]


def _refuse_missing(contract: Contract, header: Sequence[str], places: dict[str, int]) -> None:
    needed = [c for c in contract.read_columns if c.name not in places and (c.required or c.name in contract.key)]
    if needed:
        lacking = ", ".join(f"`{c.source_name}`" for c in needed)
        raise CannotBelong(
            f"lacks {lacking} (required or part of the key); its columns are {_listed(header)}. "
            "Fix the file, or add the name it uses under `aliases`"
        )


def _ignored(contract: Contract, header: Sequence[str], taken: dict[int, Column]) -> tuple[str, ...]:
    exact = {normal(name) for name in contract.source.ignore}
    folded = {name.casefold() for name in exact}
    rest = [name for i, name in enumerate(header) if i not in taken]
    unknown = [name for name in rest if name not in exact and name.casefold() not in folded]
    twice = [name for name, count in Counter(header).items() if count > 1 and name in unknown]
    if unknown:
        why = f" ({_listed(twice)} more than once)" if twice else ""
        raise CannotBelong(
            f"has columns that the contract does not know: {_listed(unknown)}{why}. "
            "Add them as columns, or list them under `source.ignore`"
        )
    return tuple(rest)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:60]}`" if name else "a column without a name" for name in dict.fromkeys(names[:40]))
    return shown + (f" and {len(names) - 40} more" if len(names) > 40 else "")
