"""COPY of Parquet files by a manifest, by Redshift's rules: columns by position, equal counts, fitting types.

Rules: docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html. The words of refusals are those
that users of Redshift quote; where none was found, the adapter's own begin with `ERROR: COPY`.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from rehearsal.aws.redshift.refusal import Refused

Fetch = Callable[[str], bytes | None]
"""The content behind an address; None where there is none."""

_COPY = re.compile(
    r"""^COPY\s+(?P<table>(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)\s*(?:\((?P<columns>[^)]*)\))?
    \s+FROM\s+'(?P<source>[^']+)'\s+(?P<options>.*)$""",
    re.X | re.I | re.S,
)
_ROLE = re.compile(r"IAM_ROLE\s+(default|'arn:[^']+')", re.I)
_ALLOWED = ("ACCEPTINVCHARS", "FILLRECORD", "EXPLICIT_IDS", "SERIALIZETOJSON")
_STATUPDATE = re.compile(r"\bSTATUPDATE(\s+(ON|OFF|TRUE|FALSE))?", re.I)


@dataclass(frozen=True)
class Copy:
    """A COPY statement: the table, and the manifest's address."""

    table: str
    manifest: str


@dataclass(frozen=True)
class Target:
    """A column of the table: its name, PostgreSQL's name of its type, and the bytes of a text, 0 without a limit."""

    name: str
    kind: str
    width: int


def parsed(statement: str) -> Copy | None:
    """The statement, None where it is not a COPY. Raises `Refused` for options that COPY of Parquet does not take."""
    text = statement.strip().rstrip(";")
    if not re.match(r"COPY\b", text, re.I):
        return None
    found = _COPY.match(text)
    if found is None:
        raise Refused('ERROR: syntax error at or near "COPY"')
    options, roles = found["options"], _ROLE.findall(found["options"])
    if len(roles) != 1:
        raise Refused("ERROR: must specify a valid IAM_ROLE or CREDENTIALS in COPY")
    left = re.sub(r"\bFORMAT\s+(AS\s+)?PARQUET\b", "", _STATUPDATE.sub("", _ROLE.sub("", options)), flags=re.I)
    if left == _STATUPDATE.sub("", _ROLE.sub("", options)):
        raise Refused("ERROR: COPY is rehearsed for FORMAT AS PARQUET only")
    words = [word.upper() for word in re.findall(r"[A-Za-z_]+", left)]
    for word in words:
        if word not in (*_ALLOWED, "MANIFEST", "AS"):
            raise Refused(f"ERROR: {word} argument is not supported for PARQUET based COPY")
    if "MANIFEST" not in words:
        raise Refused("ERROR: COPY is rehearsed with MANIFEST only")
    if found["columns"]:
        raise Refused("ERROR: COPY is rehearsed without a list of columns")
    return Copy(found["table"], found["source"])


def rows_of(copy: Copy, columns: list[Target], fetch: Fetch) -> list[tuple[bytes, int]]:
    """The content of every file as CSV for PostgreSQL, with its number of rows. Raises `Refused`."""
    content = fetch(copy.manifest)
    if content is None:
        raise Refused(f"ERROR: The specified S3 prefix '{copy.manifest}' does not exist")
    try:
        entries = json.loads(content)["entries"]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"ERROR: Problem reading manifest file - {copy.manifest}") from error
    return [_file(entry, columns, fetch) for entry in entries if _is_there(entry, fetch)]


def _is_there(entry: dict[str, Any], fetch: Fetch) -> bool:
    if "content_length" not in entry.get("meta", {}):
        raise Refused("ERROR: COPY of Parquet needs `meta.content_length` of every file in the manifest")
    if fetch(entry["url"]) is not None:
        return True
    if entry.get("mandatory"):
        raise Refused(f"ERROR: The specified S3 prefix '{entry['url']}' does not exist")
    return False


def _file(entry: dict[str, Any], columns: list[Target], fetch: Fetch) -> tuple[bytes, int]:
    url, content = entry["url"], fetch(entry["url"]) or b""
    if len(content) != entry["meta"]["content_length"]:
        size, wanted = len(content), entry["meta"]["content_length"]
        raise Refused(f"ERROR: COPY found {size} bytes, and the manifest says {wanted}. File name: {url}")
    table = pq.read_table(io.BytesIO(content))
    if table.num_columns != len(columns):
        raise Refused(
            "ERROR: Unmatched number of columns between table and file. "
            f"Table columns: {len(columns)}, Data columns: {table.num_columns}, File name: {url}"
        )
    texts = [_column(table.column(at), column, table.schema.names[at], url) for at, column in enumerate(columns)]
    out = io.BytesIO()
    if table.num_rows:
        renamed = pa.table(texts, names=[str(at) for at in range(len(texts))])
        pc_csv.write_csv(renamed, out, pc_csv.WriteOptions(include_header=False))
    return out.getvalue(), table.num_rows


def _column(values: pa.ChunkedArray, column: Target, name: str, url: str) -> pa.ChunkedArray:
    if not _fits(values.type, column.kind):
        raise Refused(
            f"ERROR: Spectrum Scan Error: File '{url}' has an incompatible Parquet schema for column '{name}'. "
            f"Column type: {column.kind.upper()}, Parquet schema: optional {values.type} {name}"
        )
    if pa.types.is_string(values.type) and column.width:
        longest = pc.call_function("max", [pc.call_function("binary_length", [values])]).as_py() or 0
        if longest > column.width:
            raise Refused(
                f"ERROR: The length of the data column {name} is longer than the length defined in the table. "
                f"Table: {column.width}, Data: {longest}, File name: {url}"
            )
    return values if pa.types.is_string(values.type) else pc.cast(values, pa.string())


def _fits(kind: pa.DataType, column: str) -> bool:
    if column == "character varying":
        return pa.types.is_string(kind)
    if column == "numeric":
        return pa.types.is_decimal(kind)
    if column == "timestamp without time zone":
        return pa.types.is_timestamp(kind)
    known = {
        "integer": pa.types.is_int32, "bigint": pa.types.is_int64, "real": pa.types.is_float32,
        "double precision": pa.types.is_float64, "boolean": pa.types.is_boolean, "date": pa.types.is_date,
    }  # fmt: skip
    return column in known and known[column](kind)
