"""Values in the path of a file: those that `source.from_path` names, and folders such as `day=2026-01-02`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from headgate.contract.path_pattern import hive_value, parse_pattern
from headgate.read.refused import CannotBelong

if TYPE_CHECKING:
    from headgate.contract.model import Column, Contract

Values = Mapping[str, str | None]


def declared_values(contract: Contract, path: str) -> Values:
    """The columns of `source.from_path` with their values. Raises `CannotBelong` where the path does not fit."""
    if contract.source.from_path is None:
        return {}
    pattern = parse_pattern(contract.source.from_path)
    try:
        return pattern.values(path)
    except ValueError as error:
        raise CannotBelong(f"{error}; rename it, or correct `source.from_path`") from None


def folder_values(contract: Contract, path: str) -> Values:
    """Other columns whose name is in the path as `name=value`; a file that has the column keeps its own values."""
    declared = contract.path_columns
    folders = [
        (key, value) for key, sign, value in (part.partition("=") for part in path.split("/")[:-1]) if sign and key
    ]
    found = {c.name: _value(c, folders) for c in contract.read_columns if c.name not in declared} if folders else {}
    try:
        return {name: hive_value(text) for name, text in found.items() if text is not None}
    except ValueError as error:
        raise CannotBelong(f"{error}; rename the folder") from None


def _value(column: Column, folders: list[tuple[str, str]]) -> str | None:
    """The text behind the column's name, exactly, else ignoring case."""
    names = {column.name, column.source_name, *column.aliases}
    folds = {name.casefold() for name in names}
    fitting = [value for key, value in folders if key in names] or [v for k, v in folders if k.casefold() in folds]
    if len(fitting) > 1:
        raise CannotBelong(f"has a path that names `{column.name}` more than once; keep one of them")
    return fitting[0] if fitting else None


def require_one_place(contract: Contract, names: Collection[str], given: Values) -> None:
    """Refuse a file with a column of a name in `names` whose value `source.from_path` takes from the path."""
    ignored = {name.casefold() for name in contract.source.ignore}
    for column in (column for column in contract.read_columns if column.name in given):
        own = {name.casefold() for name in (column.source_name, *column.aliases)} - ignored
        theirs = next((name for name in names if name.casefold() in own), None)
        if theirs is not None:
            raise CannotBelong(
                f"has `{theirs}`, and `source.from_path` takes `{column.name}` from its path; remove one of the two, "
                "or list the file's under `source.ignore`"
            )


def require_public(contract: Contract, given: Values) -> None:
    """Refuse a file whose path says a classified value: `_object` publishes the path."""
    for column in contract.classified:
        if column.name in given:
            what = f"says `{column.name}` in its path, which `_object` publishes unmasked; keep it out of the path"
            raise CannotBelong(what)
