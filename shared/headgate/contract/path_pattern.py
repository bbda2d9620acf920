"""Patterns of `source.from_path`: `year={year}/{day}.csv` takes values of columns from the path of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

NULL = "__HIVE_DEFAULT_PARTITION__"  # what Hive and Spark write for a missing value
PACKED = (".gz", ".zip")

_TOKEN = re.compile(r"\{([a-z][a-z0-9_]*)\}|(\*)|([^{}*]+)")
_HIVE = re.compile(r"[^{}*=]+=\{[a-z][a-z0-9_]*\}")


@dataclass(frozen=True)
class _Part:
    """One folder, or the file's name: regular expressions that match as little and as much as possible."""

    least: re.Pattern[str]
    most: re.Pattern[str]
    hive: bool  # `name={column}`: values are written as Hive writes them


@dataclass(frozen=True)
class PathPattern:
    """A parsed pattern; it is matched with the end of a path."""

    text: str
    names: tuple[str, ...]
    parts: tuple[_Part, ...]

    def values(self, path: str) -> dict[str, str | None]:
        """The value of every name. Raises `ValueError` where the path does not fit, or fits in more than one way."""
        for spelling in _names_of(path):
            found = self._matched(spelling.split("/"))
            if found is not None:
                return found
        raise ValueError(f"has a path that does not fit `{self.text}`")

    def _matched(self, parts: list[str]) -> dict[str, str | None] | None:
        found: dict[str, str | None] = {}
        if len(parts) < len(self.parts):
            return None
        for wanted, part in zip(self.parts, parts[len(parts) - len(self.parts) :], strict=True):
            least, most = wanted.least.fullmatch(part), wanted.most.fullmatch(part)
            if least is None or most is None:
                return None
            if least.groupdict() != most.groupdict():
                raise ValueError(f"has a path that fits `{self.text}` in more than one way")
            found |= {name: hive_value(text) if wanted.hive else text for name, text in least.groupdict().items()}
        return found


def hive_value(text: str) -> str | None:
    """A value as Hive and Spark write it into the name of a folder. Raises `ValueError` for bytes that are not text."""
    try:
        return None if text == NULL else unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"has a path with `{text}`, whose escaped bytes are not utf-8") from None


def parse_pattern(text: str) -> PathPattern:
    """The pattern. Raises `ValueError` with what is wrong."""
    parts = text.split("/")
    if not all(parts):
        raise ValueError("has an empty folder name")
    names: list[str] = []
    parsed = tuple(_part(part, names) for part in parts)
    if not names:
        raise ValueError("names no column")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"names `{twice[0]}` twice")
    return PathPattern(text, tuple(names), parsed)


def _part(text: str, names: list[str]) -> _Part:
    least = most = ""
    at, free = 0, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"cannot be read at `{text[at:]}`; a column is written `{{name}}`")
        name, _, literal = token.groups()
        if literal is None and free:
            raise ValueError(f"has nothing between two values in `{text}`")
        free = literal is None
        names += [name] if name else []
        begin = f"(?P<{name}>" if name else "("
        least += re.escape(literal) if literal else f"{begin}.*?)"
        most += re.escape(literal) if literal else f"{begin}.*)"
        at = token.end()
    hive = _HIVE.fullmatch(text) is not None
    return _Part(re.compile(least, re.DOTALL), re.compile(most, re.DOTALL), hive)


def _names_of(path: str) -> list[str]:
    """The path as it is, then without the endings of packed files; a member of a zip may have its value from either."""
    names = [path, *_unpacked(path)]
    inside = re.search(r"\.zip(?=/)", path, re.IGNORECASE)
    if inside:
        archive = path[: inside.end()]
        names += [archive, *_unpacked(archive)]
    return names


def _unpacked(path: str) -> list[str]:
    return [path[: -len(ending)] for ending in PACKED if path.lower().endswith(ending)]
