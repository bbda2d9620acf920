"""Unpack gzip as Spark does: member after member, and nothing else between or after them."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import IO

from headgate.read.refused import CannotBelong

MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_BROKEN = "is broken gzip content"
_SHORT = "is cut short: its gzip content does not end"


def is_gz(path: str) -> bool:
    """True for a name that says gzip, in upper or lower case."""
    return path.lower().endswith(".gz")


def unpacked_head(raw: bytes, whole: bool, most: int) -> tuple[bytes, bool]:
    """The content of the first `raw` bytes, at most `most`, and whether nothing comes after it.

    `whole`: there are no bytes after `raw`. Raises `CannotBelong` for what is not gzip from end to end.
    """
    if not raw.startswith(MAGIC):
        raise CannotBelong("is named `.gz` but has no gzip content")
    content, rest = b"", raw
    while len(content) < most:
        unpack = zlib.decompressobj(wbits=31)
        try:
            content += unpack.decompress(rest, most - len(content))
        except zlib.error as error:
            raise CannotBelong(f"{_BROKEN}: {error}") from error
        if not unpack.eof:
            if whole and len(content) < most:
                raise CannotBelong(_SHORT)
            return content, False
        rest = unpack.unused_data
        if not rest:
            return content, whole
        _require_member(rest, whole)
        if len(rest) < len(MAGIC):
            break
    return content, False


def unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a whole file in chunks of at most a megabyte. Raises `CannotBelong` where Spark would stop."""
    rest = file.read(_CHUNK)
    while rest:
        rest = yield from _member(file, rest)
        if rest:
            _require_member(rest, whole=True)


def require_gz(file: IO[bytes]) -> None:
    """Unpack a whole file and keep nothing. Raises `CannotBelong` where Spark would stop."""
    for _ in unpacked(file):
        pass


def _member(file: IO[bytes], rest: bytes) -> Generator[bytes, None, bytes]:
    """The content of the member that begins with `rest`; returns the bytes behind it."""
    unpack = zlib.decompressobj(wbits=31)
    while not unpack.eof:
        try:
            yield unpack.decompress(rest, _CHUNK)
        except zlib.error as error:
            raise CannotBelong(f"{_BROKEN}: {error}") from error
        rest = unpack.unconsumed_tail or (b"" if unpack.eof else file.read(_CHUNK))
        if not rest and not unpack.eof:
            raise CannotBelong(_SHORT)
    rest = unpack.unused_data
    return rest if len(rest) >= len(MAGIC) else rest + file.read(_CHUNK)


def _require_member(rest: bytes, whole: bool) -> None:
    """Another member begins here, or the file cannot be read."""
    if rest.startswith(b"\0"):
        raise CannotBelong("has zeros after its gzip content; unpack it and pack it again")
    if not rest.startswith(MAGIC) and (whole or not MAGIC.startswith(rest)):
        raise CannotBelong("has something that is not gzip after its gzip content; unpack it and pack it again")
