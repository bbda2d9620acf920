"""A document's bytes in memory, unpacked, and its layout; what is not JSON text of the right size is refused."""

from __future__ import annotations

import codecs
import io
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, cast

from headgate.flatten.plan import ENCODING
from headgate.lake.storage import Storage, StoredObject
from headgate.read.gz import is_gz, unpacked
from headgate.read.json_head import json_head, kind_of_head
from headgate.read.json_kind import Kind
from headgate.read.refused import CannotBelong

_CHUNK = 1 << 20
_MARK = codecs.BOM_UTF8
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Content:
    """A document: its bytes, its layout, and whether all bytes are characters.

    A document that is not one record per line has no byte-order mark, and U+FFFD for bytes that are not UTF-8.
    """

    text: memoryview
    kind: Kind
    clean: bool


def content_of(body: IO[bytes], key: str, size: int, has_records: bool, most: int) -> Content:
    """Read a document of `size` bytes to its end.

    Raises `CannotBelong` for what refine would refuse as a file of JSON, and above `most` bytes, packed or unpacked.
    """
    if size > most:
        raise CannotBelong(f"has {size / MEGABYTE:,.0f} MB, and the limit is {most / MEGABYTE:,.0f} MB")
    if size == 0:
        raise CannotBelong("is empty (0 bytes)")
    head = _Head(key, size, body.read(_CHUNK))
    start, text = json_head(cast(Storage, head), head.stored, ENCODING, 0, has_records=has_records)
    kind = kind_of_head(start, text, has_records=has_records, hidden=True)
    whole = _unpacked(_Chained(head.content, body), most) if is_gz(key) else _plain(head.content, body, size)
    if kind == "lines":
        return Content(whole, kind, clean=True)
    clean = _is_clean(whole)
    whole = whole if clean else memoryview(b"".join(_characters(whole)))
    while whole[: len(_MARK)] == _MARK:
        whole = whole[len(_MARK) :]
    return Content(whole, kind, clean)


class _Head:
    """The first bytes of one document, as the part of a storage that looks at heads."""

    def __init__(self, key: str, size: int, content: bytes) -> None:
        self.stored = StoredObject(key, key, size, "", datetime.fromtimestamp(0, UTC))
        self.content = content

    def head(self, path: str, size: int) -> bytes:
        return self.content[:size]


class _Chained(io.RawIOBase):
    """What was read of a stream, and then the stream."""

    def __init__(self, first: bytes, body: IO[bytes]) -> None:
        self._first, self._body = first, body

    def read(self, size: int = -1) -> bytes:
        first, self._first = self._first, b""
        return first or self._body.read(size)


def _plain(first: bytes, body: IO[bytes], size: int) -> memoryview:
    """The bytes in one piece of memory of their own, so that nothing is copied while it grows."""
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    room.write(first)
    while chunk := body.read(min(_CHUNK, size - room.tell())):
        room.write(chunk)
    if room.tell() < size:
        raise CannotBelong("is cut short: it ended before its size")
    return memoryview(room)


def _unpacked(packed: Any, most: int) -> memoryview:
    whole = bytearray()
    for chunk in unpacked(packed):
        whole += chunk
        if len(whole) > most:
            raise CannotBelong(f"has more than {most / MEGABYTE:,.0f} MB unpacked, and that is the limit")
    return memoryview(whole)


def _is_clean(whole: memoryview) -> bool:
    decoder = codecs.getincrementaldecoder(ENCODING)()
    try:
        for at in range(0, len(whole), _CHUNK):
            decoder.decode(whole[at : at + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _characters(whole: memoryview) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(ENCODING)(errors="replace")
    for at in range(0, len(whole), _CHUNK):
        yield decoder.decode(whole[at : at + _CHUNK]).encode()
    yield decoder.decode(b"", final=True).encode()


def give_back(text: memoryview, size: int) -> None:
    """Free the memory of the first `size` bytes of a document, where it has memory of its own: they were read."""
    room, whole = text.obj, size // mmap.PAGESIZE * mmap.PAGESIZE
    if whole and isinstance(room, mmap.mmap):
        room.madvise(mmap.MADV_DONTNEED, 0, whole)


def lines_of(text: memoryview) -> Iterator[bytes]:
    """The lines, split at CR, LF and CRLF only, as Spark splits them. What was read of a document is given back."""
    kept = b""
    for at in range(0, len(text), 4 * _CHUNK):
        chunk = kept + bytes(text[at : at + 4 * _CHUNK])
        give_back(text, at)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, -1)) + 1
        kept = chunk[end:]
        yield from chunk[:end].splitlines()
    yield from kept.splitlines()
