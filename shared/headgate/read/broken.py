"""Find the files that Spark could not read."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from headgate.lake.storage import StoredObject, storage
from headgate.lake.uris import hadoop_path, spark_name
from headgate.read.file_format import ReadWhole
from headgate.read.formats import file_format
from headgate.read.gz import is_gz, require_gz
from headgate.read.layout import Looked
from headgate.read.refused import CUT_SHORT, RefusedFile
from headgate.read.unreadable import CannotBeOpened, refused, why

if TYPE_CHECKING:
    from headgate.contract.model import Contract

_LONGER_NAME = re.compile(r"[\w/%=-]|\.\w")  # `a.csv` is not `a.csv.gz`
_OF_GZ = ("EOFException", "ZipException", "java.io.IOException", "ZlibDecompressor")


def broken_files(error: BaseException, contract: Contract, files: Sequence[Looked]) -> list[RefusedFile]:
    """The file that Spark's exception names, and every other that a second reader finds broken; empty for none.

    Spark names no file when one breaks after its first rows. Only after an error are packed files read again, and those
    whose format can be checked: all broken ones are found at once, and not one in each attempt.
    """
    text = "\n".join(_texts(error))
    by_path = {file.object.path: file.object for file in files}
    named = _named(text, files)
    suspects = [o for o in by_path.values() if not is_gz(o.path) or named or any(sign in text for sign in _OF_GZ)]
    read_whole = file_format(contract.source).read_whole
    with ThreadPoolExecutor(4) as pool:
        checked = zip(suspects, pool.map(functools.partial(_fault, read_whole), suspects), strict=True)
        faults = {stored.path: fault for stored, fault in checked if fault is not None}
    if named is not None and named.path not in faults:
        faults[named.path] = RefusedFile(named, CUT_SHORT)
    return [faults[path] for path in by_path if path in faults]


def _named(text: str, files: Iterable[Looked]) -> StoredObject | None:
    named = [file for file in files if any(_is_named(name, text) for name in _names(file.read_uri))]
    return max(named, key=lambda file: len(file.read_uri)).object if named else None


def _texts(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield str(error)
        yield str(getattr(error, "_stackTrace", None) or "")
        error = error.__cause__ or error.__context__


def _names(uri: str) -> set[str]:
    """The path of an address, quoted and plain; without the scheme: Spark writes `file:/` and `file:///`."""
    return {name.partition(":")[2].lstrip("/") for name in (spark_name(uri), hadoop_path(uri))}


def _is_named(name: str, text: str) -> bool:
    """True where the text contains the name, not only as the beginning of a longer one."""
    at = text.find(name)
    while at >= 0:
        if not _LONGER_NAME.match(text, at + len(name)):
            return True
        at = text.find(name, at + 1)
    return False


def _fault(read_whole: ReadWhole, stored: StoredObject) -> RefusedFile | None:
    """Why a file cannot be read to its end by another reader than Spark; None where it can."""
    folder, _, name = stored.uri.rpartition("/")
    source = storage(folder)
    name = hadoop_path(stored.uri).rpartition("/")[2] if stored.uri.startswith("file:") else name
    try:
        with source.open(name) as file:
            if is_gz(name):
                require_gz(file)
            else:
                read_whole(file)
    except Exception as error:
        reason = why(error)
        if reason is None:
            raise
        if isinstance(error, NotImplementedError):
            return None  # this reader does not know it, and Spark may
        known = is_gz(name) or isinstance(reason, CannotBeOpened)
        return refused(stored, reason) if known else RefusedFile(stored, CUT_SHORT)
    return None
