"""Zip files: each member is looked at and copied like a file of its own, and never written under its own name."""

from __future__ import annotations

import errno
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, cast

from headgate.lake.listing import is_hidden, path_regex
from headgate.lake.storage import Storage, StoredObject
from headgate.read.refused import CannotBelong

MOST_MEMBERS = 10_000
MOST_BYTES = 16 << 30  # of all members, unpacked
_MOST_RATIO = 200  # unpacked to packed, of members above `_SMALL`: text seldom exceeds 50, a bomb reaches 1,000
_SMALL = 64 << 20

_WHOSE = "is a zip whose member"
_OUTSIDE = re.compile(r"^/|^[A-Za-z]:|\\|(^|/)\.\.(/|$)|[\x00-\x1f]")


def is_zip(path: str) -> bool:
    """True for a name that says zip, in upper or lower case."""
    return path.lower().endswith(".zip")


class Members:
    """The members of one open zip file, by path (`folder/a.zip/member`), as a storage to look at them and copy them."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive, self._members = archive, members

    def open(self, path: str) -> IO[bytes]:
        """Open a member for reading."""
        return self._archive.open(self._members[path])

    def head(self, path: str, size: int) -> bytes:
        """The first `size` bytes of a member, or all where there are fewer."""
        with self.open(path) as file:
            return file.read(size)


@contextmanager
def opened(storage: Storage, stored: StoredObject, only: str | None) -> Iterator[tuple[Storage, list[StoredObject]]]:
    """The members of a zip file as objects of a storage; `only`: a glob. Raises `CannotBelong`."""
    with storage.open(stored.path) as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before the beginning of the file
                raise
            raise CannotBelong(f"is not a zip archive, or is cut short: {error}") from error
        with archive:
            chosen = _chosen(archive, only)
            paths = {f"{stored.path}/{info.filename}": info for info in chosen}
            objects = [_member(stored, path, at, info) for at, (path, info) in enumerate(paths.items())]
            yield cast(Storage, Members(archive, paths)), objects


def _member(stored: StoredObject, path: str, at: int, info: zipfile.ZipInfo) -> StoredObject:
    return replace(stored, path=path, uri=f"{stored.uri}!{at}/{info.CRC}", size=info.file_size)


def member_name(stored: StoredObject, member: StoredObject) -> str:
    """The name of a member inside its zip file."""
    return member.path[len(stored.path) + 1 :]


def _chosen(archive: zipfile.ZipFile, only: str | None) -> list[zipfile.ZipInfo]:
    every = archive.infolist()
    if len(every) > MOST_MEMBERS:
        raise CannotBelong(f"is a zip of {len(every)} members; at most {MOST_MEMBERS} are unpacked")
    if any(info.filename == "[Content_Types].xml" for info in every):
        raise CannotBelong("is an Excel or Word file, not a zip of data files; export it as CSV")
    wanted = path_regex(only) if only else None
    _require_inside(every)
    files = [info for info in every if not info.is_dir() and not is_hidden(info.filename)]
    chosen = [info for info in files if wanted is None or wanted.fullmatch(info.filename)]
    if not chosen:
        raise CannotBelong("is a zip without a member that is read" + (f" (`source.members: {only}`)" if only else ""))
    _require_usable(chosen)
    return chosen


def _require_inside(members: list[zipfile.ZipInfo]) -> None:
    for info in members:
        if _OUTSIDE.search(info.orig_filename) or _OUTSIDE.search(info.filename):
            name = info.filename[:100]
            raise CannotBelong(f"{_WHOSE} `{name}` has a name that leads out of the archive; pack it again")


def _require_usable(members: list[zipfile.ZipInfo]) -> None:
    names: set[str] = set()
    for info in members:
        problem = _problem(info) or ("occurs twice" if info.filename in names else None)
        if problem:
            raise CannotBelong(f"{_WHOSE} `{info.filename[:100]}` {problem}")
        names.add(info.filename)
    unpacked = sum(info.file_size for info in members)
    if unpacked > MOST_BYTES:
        raise CannotBelong(f"would unpack to {unpacked >> 20} MB; at most {MOST_BYTES >> 20} MB of a zip are unpacked")


def _problem(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 0x1:
        return "is encrypted; deliver it without a password"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link; pack the file itself"
    if info.file_size > _SMALL and info.file_size > _MOST_RATIO * max(1, info.compress_size):
        return f"would unpack to {info.file_size >> 20} MB from {info.compress_size} bytes, like a zip bomb"
    return None
