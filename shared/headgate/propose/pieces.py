"""Parts of text files, as texts: the beginning of a few files, and of a large one also places further on."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Sequence
from dataclasses import dataclass

from headgate.errors import UnusableArgument
from headgate.lake.storage import Storage, StoredObject
from headgate.read.gz import is_gz
from headgate.read.looks import wide_mark

BEGINNING, FURTHER = 3_000_000, 600_000  # bytes that are read of a file's beginning, and of each further place
_FILES, _PLACES = 5, 4
# What exports of single bytes are written in. The detector knows a hundred, and takes short texts for the odd ones.
_ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp437",
    "cp850",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
]
_SHOWING = 400  # lines that show the encoding


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file; only the piece at the beginning has its header."""

    file: StoredObject
    text: str
    beginning: bool


@dataclass(frozen=True)
class Pieces:
    """What was read of the files, their encoding, and a word that shows it where it is not UTF-8."""

    pieces: Sequence[Piece]
    files: int
    encoding: str
    word: str
    whole: bool  # every byte of every file was read


def pieces_of(storage: Storage, files: Sequence[StoredObject]) -> Pieces:
    """Read parts of up to five files. Raises `UnusableArgument` where they are not text."""
    chosen = _spread(files, _FILES)
    contents = [(file, *_content(storage, file)) for file in chosen]
    sample = b"".join(content for _, parts, _ in contents for content in parts)
    if not sample.strip():
        raise UnusableArgument("there is nothing in it", where=files[0].uri, remedy="Name a file that has rows.")
    encoding, word = _encoding(sample, files[0].uri)
    pieces = [
        Piece(file, part.decode(encoding, errors="replace").lstrip("\ufeff"), number == 0)
        for file, parts, _ in contents
        for number, part in enumerate(parts)
    ]
    whole = len(chosen) == len(files) and all(read_whole for _, _, read_whole in contents)
    return Pieces(pieces, len(files), encoding, word, whole)


def _spread(files: Sequence[StoredObject], most: int) -> Sequence[StoredObject]:
    if len(files) <= most:
        return files
    return [files[round(at * (len(files) - 1) / (most - 1))] for at in range(most)]


def _content(storage: Storage, file: StoredObject) -> tuple[list[bytes], bool]:
    """The parts of a file, cut at the ends of lines, and whether they are all of it."""
    with storage.open(file.path) as raw:
        if is_gz(file.path):
            with gzip.open(raw) as unpacked:
                first = unpacked.read(BEGINNING)
                return [_cut(first)], not unpacked.read(1)
        first = raw.read(BEGINNING)
        if len(first) < BEGINNING or file.size <= BEGINNING:
            return [first], True
        if wide_mark(first):
            return [first[: len(first) // 4 * 4]], False
        parts = [_cut(first)]
        for place in range(_PLACES):
            raw.seek(BEGINNING + (file.size - BEGINNING - FURTHER) * place // max(_PLACES - 1, 1))
            part = raw.read(FURTHER)
            parts.append(_cut(part[part.find(b"\n") + 1 :]))
    return parts, False


def _cut(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1] or content


def _encoding(sample: bytes, where: str) -> tuple[str, str]:
    if wide := wide_mark(sample):
        return wide[:6], ""  # without the byte order, which the mark tells
    if b"\0" in sample[:4096]:
        remedy = "`headgate new` reads CSV, JSON and Parquet; name such a file."
        raise UnusableArgument("is neither text nor Parquet", where=where, remedy=remedy)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
        return "utf-8", ""
    except UnicodeDecodeError:
        pass
    lines = [line for line in sample.splitlines() if not line.isascii()][:_SHOWING]
    name = _single_bytes(b"\n".join(lines))
    found = re.search(r"\w*[^\W\d_a-zA-Z]\w*", "\n".join(line.decode(name, errors="replace") for line in lines))
    return name, found[0] if found else ""


def _single_bytes(lines: bytes) -> str:
    """The encoding of lines that are not UTF-8; `cp1252` where another one reads the same texts."""
    from charset_normalizer import from_bytes

    best = from_bytes(lines, cp_isolation=_ENCODINGS).best()
    if best is None or lines.decode(best.encoding, errors="replace") == lines.decode("cp1252", errors="replace"):
        return "cp1252"
    return best.encoding
