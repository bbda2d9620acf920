"""How the top-level keys of a file's first records fit the contract, for the report and for values in the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from headgate.contract.json_path import parse_path
from headgate.read.names import Match
from headgate.read.path_values import Values, declared_values, require_one_place, require_public

if TYPE_CHECKING:
    from headgate.contract.model import Column, Contract


def match_keys(contract: Contract, keys: Sequence[str], path: str, folders: Values) -> Match:
    """Where values of a file's columns are: in its records, or in its path. Raises `CannotBelong` where in both."""
    declared = declared_values(contract, path)
    require_one_place(contract, keys, declared)
    folds = {key.casefold() for key in keys}
    both = tuple(c.name for c in contract.read_columns if c.name in folders and _first_keys(c, str.casefold) & folds)
    given = {**declared, **{name: value for name, value in folders.items() if name not in both}}
    require_public(contract, given)
    renamed = tuple(filter(None, (_renamed(c, keys) for c in contract.read_columns if c.name not in given)))
    return Match((), renamed, missing=(), ignored=(), given=tuple(given.items()), both=both)


def unknown_keys(contract: Contract, keys: Sequence[str]) -> tuple[str, ...]:
    """The keys that no column reads: neither exactly, nor in another case where no record has the exact key."""
    known = {key for column in contract.read_columns for key in _first_keys(column, str)}
    known |= {str(parse_path(text)[0]) for text in contract.source.explode} | set(contract.source.ignore)
    folds = {name.casefold() for name in known} - {key.casefold() for key in keys if key in known}
    return tuple(key for key in keys if key not in known and key.casefold() not in folds)


def _renamed(column: Column, keys: Sequence[str]) -> tuple[str, str] | None:
    """The column and its key in another case, where no record has the exact one."""
    exact, folds = _first_keys(column, str), _first_keys(column, str.casefold)
    if exact & set(keys):
        return None
    theirs = next((key for key in keys if key.casefold() in folds), None)
    return (column.name, theirs) if theirs is not None else None


def _first_keys(column: Column, fold: Callable[[str], str]) -> set[str]:
    paths = (parse_path(text) for text in (column.source_name, *column.aliases))
    return {fold(str(path[0])) for path in paths}
