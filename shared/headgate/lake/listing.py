"""Which staged objects a contract's path matches, and whether there are few."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

from headgate.lake.storage import Storage, StoredObject

_OF_A_FILE = 16_000
_WILD = re.compile(r"[*?]")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def objects(storage: Storage, pattern: str) -> list[StoredObject]:
    """The objects that `pattern` matches, in order of path.

    `pattern` is a folder (everything in it, at any depth), one file, or a glob (`*`, `?`, `**`) for the whole path. A
    path with a part that begins with `_` or `.` never matches.
    """
    wanted = path_regex(pattern)
    listed = storage.list(_literal_part(pattern))
    matching = (stored for stored in listed if wanted.fullmatch(stored.path) and not is_hidden(stored.path))
    return sorted(matching, key=lambda stored: stored.path)


def at_most(places: Iterable[Storage], size: int) -> bool:
    """True when all files of these storages together have at most `size` bytes; more are not listed to the end.

    A small file counts as 16 kB: it costs time of its own.
    """
    total = 0
    for stored in chain.from_iterable(place.list() for place in places):
        total += max(stored.size, _OF_A_FILE)
        if total > size:
            return False
    return True


def path_regex(pattern: str) -> re.Pattern[str]:
    """What fits a folder, a file or a glob, whole."""
    return re.compile(_regex(pattern), re.DOTALL)


def _literal_part(pattern: str) -> str:
    """The longest folder (or the file) without a wildcard: only this is listed."""
    wild = _WILD.search(pattern)
    return pattern[: pattern.rfind("/", 0, wild.start()) + 1] if wild else pattern


def _regex(pattern: str) -> str:
    whole = "".join(_REGEX.get(token) or re.escape(token) for token in _TOKEN.findall(pattern.rstrip("/")))
    if pattern.endswith("/"):
        return f"{whole}/.+"
    return whole if _WILD.search(pattern) else f"{whole}(?:/.+)?"


def is_hidden(path: str) -> bool:
    """True for a folder, and for a path with a part that begins with `_` or `.`."""
    return path.endswith("/") or any(part.startswith(("_", ".")) for part in path.split("/"))
