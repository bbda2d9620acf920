"""Why one file could not be looked at. What is wrong with the machine or the network is not the file's fault."""

from __future__ import annotations

import csv
import errno
import gzip
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import unquote

from headgate.lake.storage import StoredObject
from headgate.read.refused import CannotBelong, RefusedFile

# What a file's content can cause in a reader. So can pyarrow's own errors, its `OSError` without a number, and that of
# a place before the beginning of a file, which broken archives name.
_OF_CONTENT = (ValueError, LookupError, ArithmeticError, RecursionError, MemoryError, EOFError, NotImplementedError,
               zlib.error, csv.Error, gzip.BadGzipFile, zipfile.BadZipFile)  # fmt: skip
_GONE = "is gone, or a link to a file that does not exist; deliver it again, or remove the link"
_DENIED = "may not be opened: access is denied; correct its permissions"
_OF_THE_FILE = {
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EISDIR: "is a folder or a link to one, not a file; put the files themselves below `source.path`",
    errno.ELOOP: "is a link that leads to itself; remove it",
    errno.ENXIO: "is not a regular file (a pipe, socket or device); remove it",
    errno.ENAMETOOLONG: "has a name that is too long to open; rename it",
    errno.EIO: "cannot be read from its disk (input/output error); deliver it again",
}
_OF_THE_OBJECT = {
    "NoSuchKey": _GONE,
    "404": _GONE,
    "AccessDenied": _DENIED,
    "403": _DENIED,
    "InvalidObjectState": "is archived; restore it from Glacier, or deliver it again",
}


_DENIAL = ("AccessDenied", "403")


class CannotBeOpened(CannotBelong):
    """The file could not be opened: it may be right, so the next run tries again."""


def refused(stored: StoredObject, reason: CannotBelong) -> RefusedFile:
    """The refused file; one that could not be opened is tried again in the next run."""
    return RefusedFile(stored, reason.reason, again=isinstance(reason, CannotBeOpened))


def require_name(stored: StoredObject) -> None:
    """Refuse a name on this machine that is not UTF-8: neither Spark nor the ledger can hold it."""
    if stored.uri.startswith("file:"):
        try:
            unquote(stored.uri, errors="surrogateescape").encode()
        except UnicodeEncodeError:
            raise CannotBelong("has a name that is not UTF-8; rename it") from None


def require_access(reasons: Sequence[CannotBelong], files: int) -> None:
    """Where AWS denies every single object, the fault is the role's. Raises AWS's own error then."""
    causes = [reason.__cause__ for reason in reasons if isinstance(reason, CannotBeOpened)]
    denied = [cause for cause in causes if cause is not None and _aws_code(cause) in _DENIAL]
    if denied and len(denied) == files:
        raise denied[0]


def why(error: Exception) -> CannotBelong | None:
    """The reason to refuse the file whose look raised `error`; None where the file is not to blame."""
    if isinstance(error, CannotBelong):
        return error
    if isinstance(error, OSError) and error.errno in _OF_THE_FILE:
        return CannotBeOpened(_OF_THE_FILE[error.errno])
    code = _aws_code(error)
    if code in _OF_THE_OBJECT:
        reason = CannotBeOpened(_OF_THE_OBJECT[code])
        reason.__cause__ = error
        return reason
    of_arrow = type(error).__module__.startswith("pyarrow") or (
        type(error) is OSError and error.errno in (None, errno.EINVAL)
    )
    if isinstance(error, _OF_CONTENT) or of_arrow:
        return CannotBelong(f"could not be read: {type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}")
    return None


def _aws_code(error: BaseException) -> str:
    return str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
