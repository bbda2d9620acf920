"""Match the names in a file's header with the columns of a contract."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headgate.read.path_values import declared_values, folder_values, require_one_place, require_public
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
    given: tuple[tuple[str, str | None], ...] = ()  # published names whose value is in the file's path, and the value
    both: tuple[str, ...] = ()  # published names that are in the path too, and read from the file


def normal(name: str) -> str:
    """A header name without byte-order mark and control characters, with single plain spaces inside and none around."""
    kept = (" " if c.isspace() or unicodedata.category(c) == "Zs" else c for c in name)
    visible = "".join(c for c in kept if c == " " or unicodedata.category(c) not in ("Cc", "Cf"))
    return " ".join(visible.split())


def match(contract: Contract, header: Sequence[str], path: str = "") -> Match:
    """Find the contract's columns in `header` (normalised names): by the exact name first, then ignoring case.

    A column may come from the `path` of the file instead. Raises `CannotBelong` for ambiguous names, for a missing key
    or required column, and for unknown columns.
    """
    declared, folders = declared_values(contract, path), folder_values(contract, path)
    require_one_place(contract, header, declared)
    taken: dict[int, Column] = {}
    places: dict[str, int] = {}
    for fold in (str, str.casefold):
        wanted = [c for c in contract.read_columns if c.name not in places and c.name not in declared]
        _require_one_column(wanted, header, fold, taken)
        for column in wanted:
            _place(column, header, fold, taken, places)
    given = {**declared, **{name: value for name, value in folders.items() if name not in places}}
    require_public(contract, given)
    shown = header if places or not contract.classified else [shape(name) for name in header]
    _refuse_missing(contract, shown, {*places, *given})
    ignored = _ignored(contract, header, shown, taken)
    return Match(
        places=tuple(places.get(column.name) for column in contract.read_columns),
        renamed=tuple((c.name, header[i]) for i, c in sorted(taken.items()) if header[i] != normal(c.source_name)),
        missing=tuple(c.name for c in contract.read_columns if c.name not in places and c.name not in given),
        ignored=ignored,
        given=tuple(given.items()),
        both=tuple(name for name in folders if name in places),
    )


def _require_one_column(
    columns: Sequence[Column], header: Sequence[str], fold: Callable[[str], str], taken: Collection[int]
) -> None:
    """Refuse a name in the file that would fit two columns of the contract, `Id` where it has `ID` and `id`."""
    for name in (name for at, name in enumerate(header) if at not in taken):
        fitting = [column.name for column in columns if fold(name) in _names(column, fold)]
        if len(fitting) > 1:
            both = " and ".join(f"`{column}`" for column in fitting)
            raise CannotBelong(f"has `{name}`, which could be {both}; write their names exactly")


def _names(column: Column, fold: Callable[[str], str]) -> set[str]:
    return {fold(normal(name)) for name in (column.source_name, *column.aliases)}


def _place(
    column: Column,
    header: Sequence[str],
    fold: Callable[[str], str],
    taken: dict[int, Column],
    places: dict[str, int],
) -> None:
    wanted = _names(column, fold)
    fitting = [i for i, name in enumerate(header) if i not in taken and fold(name) in wanted]
    if len(fitting) > 1:
        names = ", ".join(f"`{header[i]}` (column {i + 1})" for i in fitting)
        raise CannotBelong(f"`{column.name}` could be read from {names}; keep one of them in the file")
    if fitting:
        taken[fitting[0]] = column
        places[column.name] = fitting[0]


def _refuse_missing(contract: Contract, header: Sequence[str], found: Collection[str]) -> None:
    needed = [
        c
        for c in contract.read_columns
        if c.name not in found and (c.required or c.required_in_file or c.name in contract.key)
    ]
    if needed:
        lacking = ", ".join(f"`{c.source_name}`" for c in needed)
        raise CannotBelong(
            f"lacks {lacking} (required or part of the key); its columns are {_listed(header)}. "
            "Fix the file, or add the name it uses under `aliases`"
        )


def shape(text: str) -> str:
    """A text with `9` for every digit and `a` for every letter: a first line without names has values."""
    return "".join("9" if c.isnumeric() else "a" if c.isalpha() or unicodedata.combining(c) else c for c in text)


def _ignored(
    contract: Contract, header: Sequence[str], shown: Sequence[str], taken: dict[int, Column]
) -> tuple[str, ...]:
    exact = {normal(name) for name in contract.source.ignore}
    folded = {name.casefold() for name in exact}
    rest = [name for i, name in enumerate(header) if i not in taken]
    unknown = [name for name in rest if name not in exact and name.casefold() not in folded]
    twice = [name for name, count in Counter(header).items() if count > 1 and name in unknown]
    as_shown = dict(zip(header, shown, strict=True))
    if unknown:
        why = f" ({_listed([as_shown[name] for name in twice])} more than once)" if twice else ""
        raise CannotBelong(
            f"has columns that the contract does not know: {_listed([as_shown[name] for name in unknown])}{why}. "
            "Add them as columns, or list them under `source.ignore`"
        )
    return tuple(rest)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name[:60]}`" if name else "a column without a name" for name in dict.fromkeys(names[:40]))
    return shown + (f" and {len(names) - 40} more" if len(names) > 40 else "")
