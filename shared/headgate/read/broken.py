"""Find the file that Spark could not read."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from headgate.lake.storage import StoredObject, storage
from headgate.lake.uris import hadoop_path, spark_name

_CHUNK = 1 << 20
_LONGER_NAME = re.compile(r"[\w/%=-]|\.\w")  # `a.csv` is not `a.csv.gz`


def broken_file(error: BaseException, objects: Iterable[StoredObject]) -> StoredObject | None:
    """The object that Spark's exception names; where it names none, the gz object that cannot be unpacked completely.

    None where no object of `objects` caused the error. Spark names no file when one breaks after its first rows; only
    then are the packed objects read again.
    """
    known = list(objects)
    text = "\n".join(_texts(error))
    named = [stored for stored in known if any(_is_named(name, text) for name in _names(stored))]
    if named:
        return max(named, key=lambda stored: len(stored.uri))
    if not any(sign in text for sign in ("EOFException", "ZipException", "java.io.IOException", "ZlibDecompressor")):
        return None
    packed = [stored for stored in known if stored.path.endswith(".gz")]
    with ThreadPoolExecutor(4) as pool:
        return next((s for s, whole in zip(packed, pool.map(_is_whole, packed), strict=True) if not whole), None)


def _texts(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield str(error)
        yield str(getattr(error, "_stackTrace", None) or "")
        error = error.__cause__ or error.__context__


def _names(stored: StoredObject) -> set[str]:
    """The path of the object's address, quoted and plain; without the scheme: Spark writes `file:/` and `file:///`."""
    return {name.partition(":")[2].lstrip("/") for name in (spark_name(stored.uri), hadoop_path(stored.uri))}


def _is_named(name: str, text: str) -> bool:
    """True where the text contains the name, not only as the beginning of a longer one."""
    at = text.find(name)
    while at >= 0:
        if not _LONGER_NAME.match(text, at + len(name)):
            return True
        at = text.find(name, at + 1)
    return False


def _is_whole(stored: StoredObject) -> bool:
    folder, _, name = stored.uri.rpartition("/")
    source = storage(folder)
    unpack = zlib.decompressobj(wbits=31)
    with source.open(hadoop_path(stored.uri).rpartition("/")[2] if stored.uri.startswith("file:") else name) as file:
        try:
            while chunk := file.read(_CHUNK):
                while chunk:
                    unpack.decompress(chunk)
                    chunk = unpack.unused_data
                    if unpack.eof and chunk.strip(b"\0"):
                        unpack = zlib.decompressobj(wbits=31)
                    elif unpack.eof:
                        chunk = b""
        except zlib.error:
            return False
    return unpack.eof
