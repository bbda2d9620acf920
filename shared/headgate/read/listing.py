"""Which staged objects a contract's path matches."""

from __future__ import annotations

import re

from headgate.lake.storage import Storage, StoredObject

_WILD = re.compile(r"[*?]")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def objects(storage: Storage, pattern: str) -> list[StoredObject]:
    """The objects that `pattern` matches, in order of path.

    `pattern` is a folder (everything in it, at any depth), one file, or a glob (`*`, `?`, `**`) for the whole path. A
    path with a part that begins with `_` or `.` never matches.
    """
    wanted = re.compile(_regex(pattern), re.DOTALL)
    listed = storage.list(_literal_part(pattern))
    matching = (stored for stored in listed if wanted.fullmatch(stored.path) and not _hidden(stored.path))
    return sorted(matching, key=lambda stored: stored.path)


def _literal_part(pattern: str) -> str:
    """The longest folder (or the file) without a wildcard: only this is listed."""
    wild = _WILD.search(pattern)
    return pattern[: pattern.rfind("/", 0, wild.start()) + 1] if wild else pattern


def _regex(pattern: str) -> str:
    whole = "".join(_REGEX.get(token) or re.escape(token) for token in _TOKEN.findall(pattern.rstrip("/")))
    if pattern.endswith("/"):
        return f"{whole}/.+"
    return whole if _WILD.search(pattern) else f"{whole}(?:/.+)?"


def _hidden(path: str) -> bool:
    return path.endswith("/") or any(part.startswith(("_", ".")) for part in path.split("/"))
