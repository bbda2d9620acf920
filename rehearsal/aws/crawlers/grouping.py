"""How a crawler makes tables of the objects below a path: which folder is a table, and which folders are partitions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from rehearsal.aws.crawlers.schemas import UNKNOWN, Schema, merge

ALIKE = 0.7  # of the columns' names in common; AWS does not publish its measure


@dataclass(frozen=True)
class File:
    """One object that a crawler looked at."""

    key: str
    size: int
    schema: Schema


@dataclass(frozen=True)
class Partition:
    """A folder of a table that holds files."""

    values: tuple[str, ...]
    folder: str
    files: tuple[File, ...]

    @property
    def schema(self) -> Schema:
        """What the files of this folder hold together."""
        return merge([file.schema for file in self.files])


@dataclass(frozen=True)
class Table:
    """A folder (or a single file) whose files are of one table."""

    name: str
    path: str
    files: tuple[File, ...]
    keys: tuple[str, ...] = ()
    partitions: tuple[Partition, ...] = ()

    @property
    def schema(self) -> Schema:
        """What all its files hold together, the partitions' keys left out."""
        found = merge([file.schema for file in self.files])
        kept = tuple((name, kind) for name, kind in found.columns if name not in self.keys)
        return Schema(
            found.classification, kept, found.delimiter, found.header, found.compression, found.records, found.quoted
        )


def tables(folder: str, files: Sequence[File], *, combine: bool) -> list[Table]:
    """The tables in a folder (`a/b/`, or empty for a bucket): one where all fits together, else one per folder in it
    and per file."""
    if not files:
        return []
    if _one_table(folder, files, combine):
        return [_table(folder, files)]
    found: list[Table] = []
    for name, inside in _by_folder(folder, files).items():
        if name:
            found.extend(tables(f"{folder}{name}/", inside, combine=combine))
        else:
            found.extend(Table(table_name(file.key), file.key, (file,)) for file in inside)
    return found


def _one_table(folder: str, files: Sequence[File], combine: bool) -> bool:
    depths = {file.key[len(folder) :].count("/") for file in files}
    forms = {file.schema.form for file in files}
    if len(depths) > 1 or len(forms) > 1:
        return False
    first = files[0].schema
    if first.classification == UNKNOWN:
        return len(files) == 1
    return combine or all(alike(first, file.schema) for file in files[1:])


def alike(left: Schema, right: Schema) -> bool:
    """True when most columns of both are the same by name."""
    one, other = {name for name, _ in left.columns}, {name for name, _ in right.columns}
    return len(one & other) >= ALIKE * len(one | other)


def _by_folder(folder: str, files: Iterable[File]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    for file in files:
        name, slash, _ = file.key[len(folder) :].partition("/")
        found.setdefault(name if slash else "", []).append(file)
    return found


def _table(folder: str, files: Sequence[File]) -> Table:
    found = partitions(folder, files)
    depth = len(found[0].values)
    folders = [one.folder[len(folder) :].strip("/").split("/") for one in found]
    keys = tuple(_key([names[at] for names in folders], at) for at in range(depth))
    return Table(table_name(folder), folder, tuple(files), keys, tuple(found) if depth else ())


def partitions(folder: str, files: Iterable[File]) -> list[Partition]:
    """The folders below that hold files, with the value that each part of the path gives."""
    by_folder: dict[str, list[File]] = {}
    for file in files:
        by_folder.setdefault(file.key.rpartition("/")[0] + "/" if "/" in file.key else "", []).append(file)
    return [
        Partition(tuple(map(_value, path[len(folder) :].strip("/").split("/") if path != folder else ())), path,
                  tuple(inside))
        for path, inside in sorted(by_folder.items())
    ]  # fmt: skip


def _key(names: Sequence[str], at: int) -> str:
    """`key` of `key=value` where all agree on it, else AWS's name for a folder without one."""
    said = {name.partition("=")[0].lower() for name in names if "=" in name}
    return said.pop() if len(said) == 1 and all("=" in name for name in names) else f"partition_{at}"


def _value(name: str) -> str:
    return unquote(name.partition("=")[2]) if "=" in name else name


def table_name(path: str) -> str:
    """A table's name from its folder or file: lower case letters, digits and `_`."""
    return re.sub(r"[^a-z0-9_]", "_", path.rstrip("/").rpartition("/")[2].lower())


def excluded(key: str, patterns: Iterable[str]) -> bool:
    """True when an exclusion of the target names this object (its path below the target)."""
    return any(re.fullmatch(_glob(pattern), key) for pattern in patterns)


def _glob(pattern: str) -> str:
    """AWS's globs are Java's: `*` and `?` stay within a folder, `**` does not, `{a,b}` chooses, `[a-c]` is a letter."""
    said, at, choosing = "", 0, False
    words: Mapping[str, str] = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    while at < len(pattern):
        letter = pattern[at]
        if pattern.startswith("**", at):
            said, at = said + ".*", at + 2
            continue
        if letter == "\\" and at + 1 < len(pattern):
            said, at = said + re.escape(pattern[at + 1]), at + 2
            continue
        if letter == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            said, at = said + pattern[at : end + 1].replace("[!", "[^"), end + 1
            continue
        choosing = letter == "{" or (choosing and letter != "}")
        said += "|" if letter == "," and choosing else words.get(letter) or re.escape(letter)
        at += 1
    return said
