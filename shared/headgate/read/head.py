"""The first bytes of an object, unpacked and decoded; an object that is not what its name promises is refused."""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from headgate.lake.storage import Storage, StoredObject
from headgate.read.gz import is_gz, unpacked_head
from headgate.read.looks import is_wide, looks_like, not_wide
from headgate.read.refused import CannotBelong

HEAD_BYTES = 1 << 16
MOST_BYTES = 1 << 24

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_PACKED = (".bz2", ".zst", ".lz4", ".snappy", ".deflate", ".xz", ".zip", ".lzo", ".z", ".passthrough")


@dataclass(frozen=True)
class Head:
    """The first bytes of an object's content, after unpacking."""

    content: bytes
    whole: bool  # there is nothing after it
    read: int  # bytes of the object that were read

    def text(self, encoding: str) -> str:
        """The bytes as text without a byte-order mark; bytes that cannot be decoded become U+FFFD."""
        decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        return decoder.decode(self.content, final=self.whole).lstrip("\ufeff")


def lines_of(text: str) -> Iterator[str]:
    """The lines with their ends, split where Spark splits: at CR, LF and CRLF only."""
    return (line[0] for line in _LINE.finditer(text) if line[0])


def after_lines(text: str, count: int) -> str:
    """The text after its first `count` lines."""
    return "".join(itertools.islice(lines_of(text), count, None)) if count else text


def text_head(storage: Storage, stored: StoredObject, encoding: str, size: int = HEAD_BYTES) -> Head:
    """The head of a file that should be text in `encoding`. Raises `CannotBelong` where it is something else."""
    if stored.size == 0:
        raise CannotBelong("is empty (0 bytes)")
    raw = storage.head(stored.path, size)
    if stored.path.lower().endswith(_PACKED):
        raise CannotBelong(f"is named `.{stored.path.rsplit('.', 1)[-1]}`; only gz is unpacked")
    whole = len(raw) >= stored.size
    content, ends = unpacked_head(raw, whole, MOST_BYTES) if is_gz(stored.path) else (raw, whole)
    head = Head(content, ends, len(raw))
    looks = looks_like(head.content, encoding)
    if looks:
        raise CannotBelong(f"is not text: it looks like {looks}")
    wide = not_wide(content, encoding) if is_wide(encoding) else None
    if wide:
        raise CannotBelong(wide)
    return head


def longer(storage: Storage, stored: StoredObject, encoding: str, head: Head) -> Head:
    """A head of the same file, sixteen times as long. Raises `CannotBelong` where no line ends in 16 MB."""
    if head.read >= MOST_BYTES:
        raise CannotBelong(f"has no line end within {MOST_BYTES >> 20} MB")
    return text_head(storage, stored, encoding, head.read * 16)
