"""Infer a file's format, columns and types from its beginning, as a Glue crawler's built-in classifiers do.

The rules are those of AWS's page on built-in classifiers, its traps included: a CSV whose columns are all text has no
header for the crawler, and quotes do not change the SerDe.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rehearsal.aws.crawlers.schemas import UNKNOWN, Schema, merged, wider

SAMPLE = 1 << 20  # bytes of a text file that are read
DELIMITERS = (",", "|", "\t", ";", "\u0001")
_LONGEST_NAME = 150
_BIGINT = 1 << 63


def classify(content: bytes, *, whole: bool) -> Schema:
    """The schema of a file from all of it, or (text) from its beginning."""
    if content[:4] == b"PAR1":
        return _parquet(content)
    compression = "none"
    if content[:2] == b"\x1f\x8b":
        content, whole, compression = _beginning(content), False, "gzip"
    try:
        text = content[:SAMPLE].decode("utf-8-sig", "strict" if whole and len(content) <= SAMPLE else "ignore")
    except UnicodeDecodeError:
        return Schema(UNKNOWN)
    complete = whole and len(content) <= SAMPLE
    if "\x00" in text:
        return Schema(UNKNOWN)
    return _json(text, compression) or _csv(text, complete, compression) or Schema(UNKNOWN, compression=compression)


def _beginning(content: bytes) -> bytes:
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content, SAMPLE)
    except (zlib.error, gzip.BadGzipFile):
        return b"\x00"


def _csv(text: str, complete: bool, compression: str) -> Schema | None:
    """The schema by the delimiter that gives the most columns; None with fewer than two columns or two rows."""
    best: list[list[str]] = []
    delimiter = ""
    for candidate in DELIMITERS:
        rows = _rows(text, candidate, complete)
        if len(rows) >= 2 and len(rows[0]) >= 2 and (not best or len(rows[0]) > len(best[0])):
            best, delimiter = rows, candidate
    if not best:
        return None
    first, rest = best[0], best[1:]
    types = [_type(column) for column in zip(*rest, strict=True)]
    header = _is_header(first, types)
    if not header:
        types = [_type(column) for column in zip(*best, strict=True)]
    names = _names(first) if header else [f"col{at}" for at in range(len(first))]
    return Schema(
        "csv", tuple(zip(names, types, strict=True)), delimiter, header, compression,
        len(rest) if header else len(best), '"' in text,
    )  # fmt: skip


def _rows(text: str, delimiter: str, complete: bool) -> list[list[str]]:
    """The rows of the most frequent width; none when more than a tenth of the rows have another."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return []
    if not complete and len(rows) > 1:
        rows.pop()
    if not rows:
        return []
    width = Counter(map(len, rows)).most_common(1)[0][0]
    fitting = [row for row in rows if len(row) == width]
    return fitting if len(rows[0]) == width and len(fitting) >= 0.9 * len(rows) else []


def _is_header(first: Sequence[str], types: Sequence[str]) -> bool:
    """True when all cells of the first row are short texts, and some column below is not text."""
    texts = all(_type([cell]) == "string" and cell.strip() for cell in first)
    short = all(len(cell) < _LONGEST_NAME for cell in first[:-1])
    return texts and short and any(kind != "string" for kind in types)


def _names(cells: Iterable[str]) -> list[str]:
    """In lower case; a repeated name gets a number."""
    names: list[str] = []
    for cell in cells:
        name = cell.strip().lower()
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def _type(cells: Iterable[str]) -> str:
    kinds = {_kind(cell.strip()) for cell in cells if cell.strip()}
    if not kinds:
        return "string"
    if len(kinds) == 1:
        return kinds.pop()
    return "double" if kinds == {"bigint", "double"} else "string"


def _kind(cell: str) -> str:
    if cell.lower() in ("true", "false"):
        return "boolean"
    if "_" in cell or not any(letter.isdigit() for letter in cell):  # Python takes 1_000, nan and inf
        return "string"
    try:
        return "bigint" if -_BIGINT <= int(cell) < _BIGINT else "double"
    except ValueError:
        pass
    try:
        float(cell)
    except ValueError:
        return "string"
    return "double"


def _json(text: str, compression: str) -> Schema | None:
    """The schema of JSON objects in sequence; a document that is an array becomes one column, as on AWS."""
    begin = text.lstrip()
    if not begin.startswith(("{", "[")):
        return None
    decoder, at, columns, records = json.JSONDecoder(), 0, dict[str, str](), 0
    while at < len(begin):
        try:
            record, at = decoder.raw_decode(begin, at)
        except ValueError:
            break
        records += 1
        if isinstance(record, list):
            record = {"array": record}
        if not isinstance(record, dict):
            return None
        columns = merged(columns, {key.lower(): _json_type(value) for key, value in record.items()})
        while at < len(begin) and begin[at].isspace():
            at += 1
    if not records:
        return None
    known = tuple((name, kind or "string") for name, kind in columns.items())
    return Schema("json", known, compression=compression, records=records)


def _json_type(value: Any) -> str:
    """The Hive type of a JSON value; empty for null, which has none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if -(1 << 31) <= value < 1 << 31 else "bigint"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        inside = ""
        for item in value:
            inside = wider(inside, _json_type(item))
        return f"array<{inside or 'string'}>"
    if isinstance(value, dict):
        fields = ",".join(f"{name.lower()}:{_json_type(item) or 'string'}" for name, item in value.items())
        return f"struct<{fields}>" if fields else "string"
    return "string"


def _parquet(content: bytes) -> Schema:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    try:
        footer = parquet.ParquetFile(io.BytesIO(content))
    except (arrow.ArrowInvalid, OSError):
        return Schema(UNKNOWN)
    columns = tuple((column.name.lower(), _arrow_type(column.type)) for column in footer.schema_arrow)
    return Schema("parquet", columns, records=footer.metadata.num_rows)


def _arrow_type(kind: Any) -> str:
    """The Hive type of a Parquet column."""
    import pyarrow.types as is_

    plain = {
        "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "float": "float",
        "double": "double", "bool": "boolean", "string": "string", "large_string": "string", "date32[day]": "date",
        "binary": "binary",
    }  # fmt: skip
    if is_.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if is_.is_timestamp(kind):
        return "timestamp"
    if is_.is_map(kind):
        return f"map<{_arrow_type(kind.key_type)},{_arrow_type(kind.item_type)}>"
    if is_.is_list(kind) or is_.is_large_list(kind):
        return f"array<{_arrow_type(kind.value_type)}>"
    if is_.is_struct(kind):
        return f"struct<{','.join(f'{field.name.lower()}:{_arrow_type(field.type)}' for field in kind)}>"
    return plain.get(str(kind), "string")
