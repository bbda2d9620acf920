"""What bytes look like that are not the expected text, so that a refusal names it."""

from __future__ import annotations

import codecs
import re

from headgate.contract.file_formats import FORMAT_FACTS

_MAGIC = (  # of files that no format reads; what those begin with that can be read is in `FORMAT_FACTS`
    (b"\x1f\x8b", "gzip content; name it `….gz`"),
    (b"PK\x03\x04", "a zip archive (or an Excel workbook)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF", "a PDF"),
    (b"BZh", "bzip2 content; only gz is unpacked"),
    (b"\xfd7zXZ", "xz content; only gz is unpacked"),
    (b"\x28\xb5\x2f\xfd", "zstd content; only gz is unpacked"),
    (b"\x04\x22\x4d\x18", "lz4 content; only gz is unpacked"),
    (b"\xff\x06\x00\x00sNaPpY", "snappy content; only gz is unpacked"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"ORC", "ORC"),
    (b"Obj\x01", "Avro"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
)
_MARKS = (  # the longer ones first: that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 400
_CONFLICT = re.compile(r"(<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)[^\r\n]{0,40}")
_MARKUP = re.compile(r"<(\?xml|!doctype|!--|[a-z][\w:.-]*[\s/>])", re.IGNORECASE)


def is_wide(encoding: str) -> bool:
    """True for encodings whose line ends are not single bytes."""
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def looks_like(content: bytes, encoding: str = "utf-8") -> str | None:
    """What the bytes look like if not text in `encoding`; None where they may be such text."""
    known = ((facts.magic, facts.title) for facts in FORMAT_FACTS.values() if facts.magic)
    for magic, name in (*known, *_MAGIC):
        if content.startswith(magic):
            return name
    if is_wide(encoding):
        return None
    wide = wide_mark(content)
    if wide:
        return f"{wide[:6].upper()} text; declare `encoding: {wide[:6]}`"
    if b"\0" not in content:
        return None
    wide = _without_mark(content)
    if wide:
        return f"{wide[:6].upper()} text without a byte-order mark; declare `encoding: {wide}`"
    return "binary content (NUL bytes)"


def not_wide(content: bytes, encoding: str) -> str | None:
    """Why the bytes are not text in a declared UTF-16 or UTF-32; None where they may be."""
    name, mark = codecs.lookup(encoding).name, wide_mark(content)
    if not content:
        return None
    if mark and not mark.startswith(name):
        return f"begins with the byte-order mark of {mark}; declare that `encoding`"
    if b"\0" not in content and _is_utf8(content):
        return f"is not {name}: it looks like UTF-8 or other text of single bytes; declare its `encoding`"
    if mark or name not in ("utf-16", "utf-32"):
        return None
    seen = _without_mark(content)
    guess = f" (it looks like {seen})" if seen else ""
    return f"has no byte-order mark; declare `encoding: {name}-le` or `{name}-be`{guess}"


def not_of_the_format(text: str, *, hidden: bool) -> str | None:
    """What text looks like that is neither CSV nor JSON: a merge conflict, or markup; None where nothing is certain.

    Where values are `hidden` the text itself is not shown.
    """
    start = text.lstrip()
    conflict = _CONFLICT.match(start)
    if conflict:
        shown = conflict[1] if hidden else conflict[0].strip()
        return f"begins with `{shown}`, a conflict marker; resolve the merge and deliver the file again"
    return "looks like XML or HTML" if _MARKUP.match(start) else None


def wide_mark(content: bytes) -> str | None:
    """The encoding whose byte-order mark the bytes begin with, of those that are not of single bytes."""
    return next((name for mark, name in _MARKS if content.startswith(mark)), None)


def _without_mark(content: bytes) -> str | None:
    """The encoding whose NUL bytes are where those of mostly Latin text are."""
    sample = content[: min(len(content), _SAMPLE) // 4 * 4] or content[: len(content) // 2 * 2]
    if not sample:
        return None
    zeros = [sample[at::4].count(0) for at in range(4)]
    most = len(sample) // 4 * 0.7
    seen = "".join("0" if count and count >= most else "x" if count <= most / 4 else "?" for count in zeros)
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}.get(seen)


def _is_utf8(content: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return False
    return True
