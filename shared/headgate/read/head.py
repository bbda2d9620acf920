"""The first bytes of an object, unpacked and decoded; an object that is not what its name promises is refused."""

from __future__ import annotations

import codecs
import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from headgate.contract.file_formats import FORMAT_FACTS
from headgate.lake.storage import Storage, StoredObject
from headgate.read.refused import CannotBelong

HEAD_BYTES = 1 << 16
MOST_BYTES = 1 << 24

_MAGIC = (  # of files that no format reads; what those begin with that can be read is in `FORMAT_FACTS`
    (b"\x1f\x8b", "gzip content; name it `….gz`"),
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)"),
    (b"%PDF", "a PDF"),
    (b"BZh", "bzip2 content; only gz is unpacked"),
    (b"\xfd7zXZ", "xz content; only gz is unpacked"),
    (b"\x28\xb5\x2f\xfd", "zstd content; only gz is unpacked"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_PACKED = (".bz2", ".zst", ".lz4", ".snappy", ".deflate", ".xz", ".zip", ".lzo", ".z")


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


def is_wide(encoding: str) -> bool:
    """True for encodings whose line ends are not single bytes."""
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def text_head(storage: Storage, stored: StoredObject, encoding: str, size: int = HEAD_BYTES) -> Head:
    """The head of a file that should be text in `encoding`. Raises `CannotBelong` where it is something else."""
    if stored.size == 0:
        raise CannotBelong("is empty (0 bytes)")
    raw = storage.head(stored.path, size)
    if stored.path.lower().endswith(_PACKED):
        raise CannotBelong(f"is named `.{stored.path.rsplit('.', 1)[-1]}`; only gz is unpacked")
    head = _unpacked(raw, stored) if stored.path.endswith(".gz") else Head(raw, len(raw) >= stored.size, len(raw))
    looks = looks_like(head.content, encoding)
    if looks:
        raise CannotBelong(f"is not text: it looks like {looks}")
    return head


def longer(storage: Storage, stored: StoredObject, encoding: str, head: Head) -> Head:
    """A head of the same file, sixteen times as long. Raises `CannotBelong` where no line ends in 16 MB."""
    if head.read >= MOST_BYTES:
        raise CannotBelong(f"has no line end within {MOST_BYTES >> 20} MB")
    return text_head(storage, stored, encoding, head.read * 16)


def looks_like(content: bytes, encoding: str = "utf-8") -> str | None:
    """What the bytes look like if not text in `encoding`; None where they may be such text."""
    known = ((facts.magic, facts.title) for facts in FORMAT_FACTS.values() if facts.magic)
    for magic, name in (*known, *_MAGIC):
        if content.startswith(magic):
            return name
    if is_wide(encoding):
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text; declare `encoding: utf-16`"
    return "binary content (NUL bytes)" if b"\0" in content else None


def _unpacked(raw: bytes, stored: StoredObject) -> Head:
    if not raw.startswith(b"\x1f\x8b"):
        raise CannotBelong("is named `.gz` but has no gzip content")
    unpack = zlib.decompressobj(wbits=31)
    try:
        content = unpack.decompress(raw, MOST_BYTES)
    except zlib.error as error:
        raise CannotBelong(f"is broken gzip content: {error}") from error
    if len(raw) >= stored.size and not unpack.eof and not unpack.unconsumed_tail:
        raise CannotBelong("is cut short: its gzip content does not end")
    return Head(content, unpack.eof and not unpack.unused_data and len(raw) >= stored.size, len(raw))
