"""Group the objects below a path into tables: which folder is a table, and which folders are its partitions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from rehearsal.aws.crawlers.schemas import UNKNOWN, Schema, merge

ALIKE = 0.7  # the share of column names in common; AWS does not publish its own


@dataclass(frozen=True)
class File:
    """One object and its schema."""

    key: str
    size: int
    schema: Schema


@dataclass(frozen=True)
class Partition:
    """A folder with files of a table, and its value for each key."""

    values: tuple[str, ...]
    folder: str
    files: tuple[File, ...]

    @property
    def schema(self) -> Schema:
        """The schema of all files of this folder."""
        return merge([file.schema for file in self.files])


@dataclass(frozen=True)
class Table:
    """A folder (or a single file) whose files make one table."""

    name: str
    path: str
    files: tuple[File, ...]
    keys: tuple[str, ...] = ()
    partitions: tuple[Partition, ...] = ()

    @property
    def schema(self) -> Schema:
        """The schema of all its files, without the partition keys."""
        whole = merge([file.schema for file in self.files])
        return replace(whole, columns=tuple(column for column in whole.columns if column[0] not in self.keys))


def tables(folder: str, files: Sequence[File], *, combine: bool) -> list[Table]:
    """The tables in a folder (`a/b/`, or empty for a bucket).

    One where all files fit together, else one per folder in it and one per file.
    """
    if not files:
        return []
    if _one_table(folder, files, combine):
        return [_table(folder, files)]
    several: list[Table] = []
    for name, inside in _by_folder(folder, files).items():
        if name:
            several.extend(tables(f"{folder}{name}/", inside, combine=combine))
        else:
            several.extend(Table(table_name(file.key), file.key, (file,)) for file in inside)
    return several


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
    """True when most columns of both have the same names."""
    ours, theirs = {name for name, _ in left.columns}, {name for name, _ in right.columns}
    return len(ours & theirs) >= ALIKE * len(ours | theirs)


def _by_folder(folder: str, files: Iterable[File]) -> dict[str, list[File]]:
    """The files by the name of the folder that they are in; under the empty name those beside the folders."""
    by_name: dict[str, list[File]] = {}
    for file in files:
        name, slash, _ = file.key[len(folder) :].partition("/")
        by_name.setdefault(name if slash else "", []).append(file)
    return by_name


def _table(folder: str, files: Sequence[File]) -> Table:
    parts = partitions_in(folder, files)
    depth = len(parts[0].values)
    folders = [part.folder[len(folder) :].strip("/").split("/") for part in parts]
    keys = tuple(_key([names[level] for names in folders], level) for level in range(depth))
    return Table(table_name(folder), folder, tuple(files), keys, tuple(parts) if depth else ())


def partitions_in(folder: str, files: Iterable[File]) -> list[Partition]:
    """The folders below that hold files, with the value that each part of the path stands for."""
    by_folder: dict[str, list[File]] = {}
    for file in files:
        by_folder.setdefault(file.key.rpartition("/")[0] + "/" if "/" in file.key else "", []).append(file)
    return [
        Partition(tuple(map(_value, path[len(folder) :].strip("/").split("/") if path != folder else ())), path,
                  tuple(inside))
        for path, inside in sorted(by_folder.items())
    ]  # fmt: skip


def _key(names: Sequence[str], level: int) -> str:
    """`key` of `key=value` where all names agree on it, else the name that AWS gives."""
    keys = {name.partition("=")[0].lower() for name in names if "=" in name}
    return keys.pop() if len(keys) == 1 and all("=" in name for name in names) else f"partition_{level}"


def _value(name: str) -> str:
    return unquote(name.partition("=")[2]) if "=" in name else name


def table_name(path: str) -> str:
    """A table's name from its folder or file: lower case letters, digits and `_`."""
    return re.sub(r"[^a-z0-9_]", "_", path.rstrip("/").rpartition("/")[2].lower())


def excluded(key: str, patterns: Iterable[str]) -> bool:
    """True when an exclusion of the target names this object (its path below the target)."""
    return any(re.fullmatch(_glob(pattern), key) for pattern in patterns)


def _glob(pattern: str) -> str:
    """A regular expression for a glob of Java's, which AWS uses.

    `*` and `?` stay within a folder, `**` does not, `{a,b}` matches either, `[a-c]` matches one letter.
    """
    regex, at, in_choice = "", 0, False
    words: Mapping[str, str] = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    while at < len(pattern):
        letter = pattern[at]
        if pattern.startswith("**", at):
            regex, at = regex + ".*", at + 2
            continue
        if letter == "\\" and at + 1 < len(pattern):
            regex, at = regex + re.escape(pattern[at + 1]), at + 2
            continue
        if letter == "[" and "]" in pattern[at:]:
            end = pattern.index("]", at)
            regex, at = regex + pattern[at : end + 1].replace("[!", "[^"), end + 1
            continue
        in_choice = letter == "{" or (in_choice and letter != "}")
        regex += "|" if letter == "," and in_choice else words.get(letter) or re.escape(letter)
        at += 1
    return regex
