"""Files and contracts that are broken at random, from a seed: cut, flipped, swapped, padded, nested, re-encoded."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = [{"id": f"k{i}", "num": i, "x": i / 4, "t": f"text {i}, «ü»"} for i in range(30)]


def csv_text(rows: Sequence[dict]) -> bytes:
    lines = [f'{row["id"]},{row["num"]},{row["x"]},"{row["t"]}"' for row in rows]
    return "\n".join(["id,num,x,t", *lines, ""]).encode()


def json_lines(rows: Sequence[dict]) -> bytes:
    return "\n".join([*map(json.dumps, rows), ""]).encode()


def json_list(rows: Sequence[dict]) -> bytes:
    return json.dumps(list(rows), indent=1, ensure_ascii=False).encode()


def json_stream(rows: Sequence[dict]) -> bytes:
    return "".join(map(json.dumps, rows)).encode()


def parquet(rows: Sequence[dict], compression: str = "snappy") -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), content, compression=compression, row_group_size=16)
    return content.getvalue()


def parquet_plain(rows: Sequence[dict]) -> bytes:
    return parquet(rows, "none")


def parquet_gzip(rows: Sequence[dict]) -> bytes:
    return parquet(rows, "gzip")


GOOD: dict[str, tuple[Callable[[Sequence[dict]], bytes], ...]] = {
    "csv": (csv_text,),
    "json": (json_lines, json_list, json_stream),
    "parquet": (parquet, parquet_plain, parquet_gzip),
}


def _cut(raw: bytes, rng: random.Random) -> bytes:
    return raw[: rng.randrange(len(raw))]


def _flip(raw: bytes, rng: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 3, 40))):
        changed[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _swap(raw: bytes, rng: random.Random) -> bytes:
    a, b = sorted((rng.randrange(len(raw)), rng.randrange(len(raw))))
    return raw[:a] + raw[b:] + raw[a:b]


def _insert(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    junk = rng.choice(
        (b"\0" * 50, rng.randbytes(30), b'"', b"'", b"\r", b"\n\n", b"{[", b"}", b"\\", b"\xff\xfe", b",,,,,")
    )
    return raw[:at] + junk + raw[at:]


def _without(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    return raw[:at] + raw[at + rng.randrange(1, 40) :]


def _twice(raw: bytes, rng: random.Random) -> bytes:
    return raw + raw[rng.randrange(len(raw)) :]


def _padded(raw: bytes, rng: random.Random) -> bytes:
    return raw + rng.choice((b"\0", b" ", b"\n", b"x")) * rng.randrange(1, 600)


def _noise(raw: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(200))


def _head_of_another(raw: bytes, rng: random.Random) -> bytes:
    heads = (
        b"PAR1",
        b"\x1f\x8b",
        b"PK\x03\x04",
        b"%PDF",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"<<<<<<< HEAD\n",
        b"<html>",
        b"\0\0\xfe\xff",
    )
    return rng.choice(heads) + raw


def _encoded(raw: bytes, rng: random.Random) -> bytes:
    codec = rng.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1252", "utf-8-sig", "cp037", "utf-7")
    )
    return raw.decode("utf-8", "replace").encode(codec, "replace")


def _huge(raw: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(raw))
    return (
        raw[:at]
        + rng.choice((b"9", b"a", b" ", b"[", b'{"a":', b"\xf0\x9f\x98\x80")) * rng.choice((2000, 200_000))
        + raw[at:]
    )


def _footer(raw: bytes, rng: random.Random) -> bytes:
    size = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, rng.randrange(1 << 20)))
    return raw[:-8] + struct.pack("<I", size) + raw[-4:]


ANY = (_cut, _flip, _flip, _swap, _insert, _without, _twice, _padded, _noise, _head_of_another)
TEXT = (*ANY, _encoded, _huge, _huge)
WAYS = {"csv": TEXT, "json": TEXT, "parquet": (*ANY, _flip, _footer)}


def mutated(form: str, rng: random.Random, written: Callable[[bytes], bytes]) -> tuple[str, bytes]:
    """The ending of a name and the content of one broken file; some are packed before or after they are broken."""
    raw = written(rng.choice(GOOD[form])(rng.sample(ROWS, rng.randrange(1, 30))))
    wrap = rng.choice(("", "", "", "gz", "zip")) if form != "parquet" else ""
    early = rng.random() < 0.5
    raw = raw if not early else _wrapped(raw, wrap, form)
    for _ in range(rng.choice((1, 1, 2))):
        raw = rng.choice(WAYS[form])(raw, rng) or b"?"
    raw = raw if early else _wrapped(raw, wrap, form)
    return f"{form}.{wrap}" if wrap else form, raw


def _wrapped(raw: bytes, wrap: str, form: str) -> bytes:
    if wrap == "gz":
        return gzip.compress(raw, mtime=0)
    if wrap != "zip":
        return raw
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"a.{form}", raw)
    return content.getvalue()


_PARTS = (
    "name", "type", "source", "columns", "key", "path", "read", "{", "}", "[", "]", ":", ",", "\n", "- ", "'", '"',
    "null", "true", "1e9", "decimal(99,1)", "array<", "!!python/object:os.system", "&a", "*a", "\t", "\0", "é", "-1",
    "2026-01-01", "{day}/{day}", "base64",
)  # fmt: skip


def mutated_contract(text: str, rng: random.Random) -> str:
    """The text of a contract with words changed, moved, doubled and left out."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, to = sorted((rng.randrange(len(text)), rng.randrange(len(text))))
        text = rng.choice((
            text[:at] + text[to:], text[:to] + text[at:], text[:at] + rng.choice(_PARTS) + text[at:],
            text[:at] + rng.choice(_PARTS) + text[min(len(text), at + 6) :], text[:to] + text[at:to] + text[to:],
        ))  # fmt: skip
        text = text or "?"
    return text


def seeds(count: int, first: int) -> Iterator[random.Random]:
    return (random.Random(first + number) for number in range(count))
