"""Which staged objects a contract's path names."""

from __future__ import annotations

import re

from headgate.lake.storage import Storage, StoredObject

_WILD = re.compile(r"[*?]")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_REGEX = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def objects(storage: Storage, pattern: str) -> list[StoredObject]:
    """The objects that `pattern` names, in order of path.

    A folder means everything in it, however deep; otherwise a glob (`*`, `?`, `**`) that must fit the whole path, or
    one file. A path with a part that begins with `_` or `.` is never meant.
    """
    fits = re.compile(_regex(pattern), re.DOTALL)
    found = (o for o in storage.list(_literal_part(pattern)) if fits.fullmatch(o.path))
    return sorted((o for o in found if not _hidden(o.path)), key=lambda o: o.path)


def _literal_part(pattern: str) -> str:
    """The longest folder (or the file) without a wildcard: it bounds the listing."""
    wild = _WILD.search(pattern)
    return pattern[: pattern.rfind("/", 0, wild.start()) + 1] if wild else pattern


def _regex(pattern: str) -> str:
    whole = "".join(_REGEX.get(token) or re.escape(token) for token in _TOKEN.findall(pattern.rstrip("/")))
    if pattern.endswith("/"):
        return f"{whole}/.+"
    return whole if _WILD.search(pattern) else f"{whole}(?:/.+)?"


def _hidden(path: str) -> bool:
    return path.endswith("/") or any(part.startswith(("_", ".")) for part in path.split("/"))
