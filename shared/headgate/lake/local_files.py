"""The files of a folder on this machine, odd ones included: what cannot be read must be seen, to be refused."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from headgate.errors import UnusableArgument


def files_below(top: Path) -> Iterator[Path]:
    """Every file below `top`, a folder's files before its folders.

    Links that lead nowhere, links to folders, folders that may not be listed and empty folders with the name of a file
    are among them: nothing in them can be listed, and opening them tells why.
    """
    unseen: list[OSError] = []
    for folder, folders, files in os.walk(top, onerror=unseen.append):
        folders.sort()
        odd = [name for name in folders if _is_no_folder(Path(folder, name))]
        yield from (Path(folder, name) for name in sorted([*files, *odd]))
    gone = (FileNotFoundError, NotADirectoryError)
    yield from (Path(error.filename) for error in unseen if not isinstance(error, gone))


def _is_no_folder(folder: Path) -> bool:
    looks_like_a_file = "." in folder.name[1:] and "=" not in folder.name
    try:
        return folder.is_symlink() or (looks_like_a_file and not any(folder.iterdir()))
    except OSError:
        return False  # it is gone, or listed among those that may not be listed


def facts_of(file: Path) -> os.stat_result | None:
    """Size and time of a file, or of the link itself where it leads nowhere; None where another process removed it."""
    try:
        return file.stat()
    except OSError:
        try:
            return file.lstat()
        except OSError:
            return None


def printable(path: Path) -> str:
    """The path with `/`; bytes of a name that are not UTF-8 are written as `\\x..`, for no text can hold them."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def inside(folder: Path, key: str) -> Path:
    """The file of an object's key below the folder. A key may have any text, `..` too: raises `UnusableArgument`."""
    if key.startswith("/") or ".." in key.split("/"):
        raise UnusableArgument(
            f"the key `{key}` leaves the folder into which it would be written",
            remedy="Delete that object, and find out who put it there.",
        )
    return folder / key


def require_regular(file: Path) -> Path:
    """The file, unless it is a pipe, a socket or a device: to open one might wait for ever. Raises `OSError`."""
    mode = file.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.ENXIO, "not a regular file", str(file))
    return file
