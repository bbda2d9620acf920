"""The rows of a result in Athena's two forms: texts in a ResultSet, and a CSV file with every value in quotes."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from typing import Any

MOST_ROWS_PER_PAGE = 1000
_NAMES = {"real": "float", "varchar": "varchar", "unknown": "unknown"}
_PRECISION = {
    "integer": 10, "bigint": 19, "smallint": 5, "tinyint": 3, "double": 17, "float": 17,
    "varchar": 2147483647, "timestamp": 3, "varbinary": 1073741824,
}  # fmt: skip

Row = list[str | None]


def texts(rows: Sequence[Sequence[Any]], types: Sequence[str]) -> list[Row]:
    """Every value as Athena's text; None for NULL."""
    return [[text(value, kind) for value, kind in zip(row, types, strict=True)] for row in rows]


def text(value: Any, kind: str) -> str | None:
    """One value (from Trino's JSON) of one type (by Trino's name) as Athena's text."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind.startswith(("array(", "map(", "row(")):
        return _nested(value, kind)
    if kind in ("double", "real") and not isinstance(value, str):
        return java_double(float(value))
    if kind == "varbinary":
        return base64.b64decode(value).hex(" ")
    return str(value)


def java_double(value: float) -> str:
    """A double as Java writes it: `1.0`, `1.0E10`, `NaN`."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = repr(value)
        return plain if "e" not in plain else f"{value:f}"
    digits, _, power = f"{value!r}e0".partition("e")
    sign, number = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, part = number.partition(".")
    exponent = int(power.partition("e")[0]) + len(whole) - 1
    figures = whole + ("" if part == "0" else part)
    if whole == "0":
        exponent -= len(figures) - len(figures.lstrip("0"))
    figures = figures.lstrip("0").rstrip("0")
    return f"{sign}{figures[0]}.{figures[1:] or '0'}E{exponent}"


def _nested(value: Any, kind: str) -> str:
    """`[a, b]`, `{k=v}` and `{field=value}`, without quotes, as Athena writes them."""
    outer, inside = kind.partition("(")[0], _parts(kind[kind.index("(") + 1 : -1])
    if outer == "array":
        return "[" + ", ".join(_inner(item, inside[0]) for item in value) + "]"
    if outer == "map":
        return "{" + ", ".join(f"{key}={_inner(item, inside[1])}" for key, item in value.items()) + "}"
    named = [re.match(r'("(?:[^"]|"")*"|\S+)\s+(.*)', field, re.S) for field in inside]
    fields = [
        f"{name[1].strip(chr(34))}={_inner(item, name[2])}" if name else _inner(item, kind_of)
        for name, item, kind_of in zip(named, value, inside, strict=True)
    ]
    return "{" + ", ".join(fields) + "}"


def _inner(value: Any, kind: str) -> str:
    inner = text(value, kind)
    return "null" if inner is None else inner


def _parts(inside: str) -> list[str]:
    """The types between the outer brackets, split at their commas."""
    parts, depth, begin = [], 0, 0
    for at, letter in enumerate(inside):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            parts.append(inside[begin:at].strip())
            begin = at + 1
    return [*parts, inside[begin:].strip()]


def csv(names: Sequence[str], rows: Sequence[Row]) -> bytes:
    """The result file of a query: a header, every value in quotes, NULL as an empty field without quotes."""
    lines = [list(names), *rows]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines).encode()


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def listing(rows: Sequence[Row]) -> bytes:
    """The result file of SHOW and EXPLAIN: no header, tabs between values."""
    return "".join("\t".join(value or "" for value in row) + "\n" for row in rows).encode()


def page(rows: Sequence[Row], start: int, most: int) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of a page and the token of the next one."""
    shown = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
    end = start + most
    return shown[start:end], str(end) if end < len(rows) else None


def column_info(columns: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Athena's description of each column; types without their lengths."""
    return [_column(name, kind) for name, kind in columns]


def _column(name: str, kind: str) -> dict[str, Any]:
    base = re.sub(r"\(.*?\)(?= |$)", "", kind) if kind.startswith(("timestamp", "time")) else kind.partition("(")[0]
    base = _NAMES.get(base, base)
    sizes = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", kind)
    length = re.fullmatch(r"(?:var)?char\((\d+)\)", kind)
    precision = int(sizes[1]) if sizes else int(length[1]) if length else _PRECISION.get(base, 0)
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": base,
        "Precision": precision, "Scale": int(sizes[2]) if sizes else 0, "Nullable": "UNKNOWN",
        "CaseSensitive": base in ("varchar", "char"),
    }  # fmt: skip
