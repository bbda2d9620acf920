"""How Hadoop and Spark spell the address of an object."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from urllib.parse import unquote

_LEGAL = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-!.~'()*,;:$&+=@/")
_WILD = re.compile(r"[{}\[\]*?\\]")


def hadoop_path(uri: str) -> str:
    """An object's address as Hadoop's `Path` expects it: never percent-encoded."""
    if not uri.startswith("file:"):
        return uri
    return "file:" + posixpath.normpath(unquote(uri.removeprefix("file://"), errors="surrogateescape"))


def read_path(uri: str) -> str:
    """The object's path for Spark's readers."""
    return literal(hadoop_path(uri))


def literal(path: str) -> str:
    """A Hadoop path with its wildcards escaped, so that Spark's readers take it literally.

    Spark's own option for this, `__globPaths__`, reads files twice as soon as one of several names has a wildcard.
    """
    return _WILD.sub(r"\\\g<0>", path)


def spark_name(uri: str) -> str:
    """The text of `_metadata.file_path` for an object: its path, quoted as `java.net.URI` quotes.

    Percent-encoded are the ASCII characters that a URI path may not contain, and other spaces and control characters;
    letters of other scripts are not.
    """
    return "".join(c if c in _LEGAL else _quoted(c) for c in hadoop_path(uri))


def _quoted(c: str) -> str:
    if ord(c) >= 0xA0 and unicodedata.category(c) not in ("Zs", "Zl", "Zp", "Cc"):
        return c
    return "".join(f"%{byte:02X}" for byte in unicodedata.normalize("NFC", c).encode("utf-8", errors="surrogateescape"))
