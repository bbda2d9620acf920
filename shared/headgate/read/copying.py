"""Copy the files that Spark would read wrongly: as UTF-8, without the skipped lines, into the run's work folder."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import tempfile
import zlib
from typing import IO, cast

from headgate.lake.storage import Storage, StoredObject
from headgate.read.gz import is_gz
from headgate.read.looks import is_wide
from headgate.read.refused import CannotBelong

_IN_MEMORY = 16 << 20
INVALID = "headgate_invalid"  # how bytes that are not of an encoding are kept apart from a real U+FFFD

# Encodings that Spark and Python read alike, line by line: Python's canonical name to Java's.
NATIVE = {"utf-8": "UTF-8", "ascii": "US-ASCII", "iso8859-1": "ISO-8859-1", "iso8859-2": "ISO-8859-2",
          "iso8859-5": "ISO-8859-5", "iso8859-7": "ISO-8859-7", "iso8859-9": "ISO-8859-9", "iso8859-15": "ISO-8859-15",
          "koi8-r": "KOI8-R"} | {f"cp{n}": f"windows-{n}" for n in range(1250, 1259)}  # fmt: skip


def _keep_invalid(error: UnicodeError) -> tuple[str | bytes, int]:
    """Undecodable bytes become half a surrogate pair, and that a byte that is not UTF-8."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    if isinstance(error, UnicodeEncodeError):
        return b"\xff" * (error.end - error.start), error.end
    raise error


codecs.register_error(INVALID, _keep_invalid)


def codec_name(encoding: str) -> str:
    """Python's canonical name of an encoding, with or without a declared byte-order mark."""
    return codecs.lookup(encoding).name.removesuffix("-sig")


def must_be_copied(stored: StoredObject, encoding: str, skip_lines: int, by_python: bool) -> bool:
    """True where Spark would split or decode the file wrongly.

    `by_python`: Spark only splits lines, Python decodes them. Hadoop's local file system cannot open a name that
    contains a colon, and Hadoop unpacks by the letters `.gz` in lower case only.
    """
    foreign = is_wide(encoding) if by_python else codec_name(encoding) not in NATIVE
    colon = stored.uri.startswith("file:") and ":" in stored.path.rsplit("/", 1)[-1]
    shouted = is_gz(stored.path) and not stored.path.endswith(".gz")
    return foreign or skip_lines > 0 or colon or shouted


def copied(storage: Storage, stored: StoredObject, encoding: str, skip_lines: int, aside: Storage) -> str:
    """Write the file as UTF-8 without its first `skip_lines` lines into `aside`, once; return the copy's URI."""
    identity = f"{stored.uri} {stored.etag} {encoding} {skip_lines}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:40] + ".txt"
    if not aside.exists(name):
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as target:
            _transcode(storage, stored, encoding, skip_lines, cast(IO[bytes], target))
            target.seek(0)
            aside.put(name, cast(IO[bytes], target))
    return aside.uri(name)


def _transcode(storage: Storage, stored: StoredObject, encoding: str, skip_lines: int, target: IO[bytes]) -> None:
    with storage.open(stored.path) as raw:
        source = gzip.GzipFile(fileobj=raw) if is_gz(stored.path) else raw
        text = io.TextIOWrapper(cast(IO[bytes], source), encoding, errors=INVALID, newline="")
        try:
            _copy_text(text, skip_lines, target)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CannotBelong(f"is cut short or broken: {error}") from error
        finally:
            text.detach()


def _copy_text(text: io.TextIOWrapper, skip_lines: int, target: IO[bytes]) -> None:
    for _ in range(skip_lines):
        text.readline()
    first = text.read(1 << 16).lstrip("\ufeff") if skip_lines == 0 else text.read(1 << 16)
    target.write(_utf8(first))
    while chunk := text.read(1 << 20):
        target.write(_utf8(chunk))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors=INVALID)
