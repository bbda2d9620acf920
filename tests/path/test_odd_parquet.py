"""Parquet files through a whole run: odd bytes, old dates, and files that are broken in every way."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench import Bench, counted

THINGS = """\
source: {format: parquet, ignore: [x]}
columns:
  - {name: id, type: int, required: true}
"""


def put(bench: Bench, name: str, how: dict[str, Any] | None = None, **columns: Any) -> Path:
    file = bench.put(f"things/{name}", b"")
    pq.write_table(pa.table(columns), file, **(how or {}))
    return file


def test_bytes_that_are_no_text_reach_neither_table_nor_quarantine_nor_page(bench: Bench) -> None:
    columns = "  - {name: v, type: string}\n  - {name: raw, type: binary}\n"
    hidden = "  - {name: own, type: binary, classification: person}\n"
    bench.contract("things", THINGS + columns + hidden + "at_most: 1.0\n")
    bad, good = b"\xff\x00", b"ok"
    put(bench, "a.parquet", id=[1, 2, None], v=[bad, good, good], raw=[good, bad, bad], own=[bad, bad, bad])
    outcome = bench.one("things")
    assert counted(outcome, "read", "published", "quarantined") == (3, 1, 2)
    (row,) = bench.rows("SELECT id, v, raw, length(own) FROM things")
    assert row == (2, "ok", bad, 64)
    for file in bench.root.glob("lake/quarantine/**/*.parquet"):
        for refused in pq.read_table(file).to_pylist():
            assert dict(refused["_values"])  # every text can be decoded
            assert refused["_reasons"] in (["v: bytes that are not utf-8"], ["id: missing"])


def test_old_dates_and_timestamps_are_published_as_they_are(bench: Bench) -> None:
    columns = "  - {name: moment, type: timestamp}\n  - {name: d, type: date}\n"
    bench.contract("things", THINGS + columns)
    old = [datetime(1, 1, 2), datetime(1899, 12, 30)]
    days = [date(1, 1, 1), date(1582, 10, 10)]
    put(bench, "a.parquet", id=[1, 2], moment=pa.array(old, pa.timestamp("us", "UTC")), d=days)
    put(
        bench,
        "b.parquet",
        {"use_deprecated_int96_timestamps": True},
        id=[3, 4],
        moment=pa.array(old, pa.timestamp("us")),
    )
    assert counted(bench.one("things"), "read", "published") == (4, 4)
    rows = bench.rows("SELECT id, CAST(moment AS VARCHAR), CAST(d AS VARCHAR) FROM things ORDER BY id")
    assert [(number, at[:19], d) for number, at, d in rows] == [
        (1, "0001-01-02 00:00:00", "0001-01-01"), (2, "1899-12-30 00:00:00", "1582-10-10"),
        (3, "0001-01-02 00:00:00", None), (4, "1899-12-30 00:00:00", None),
    ]  # fmt: skip


def test_each_kind_of_broken_file_is_refused_and_the_others_are_published(bench: Bench) -> None:
    bench.contract("things", THINGS)
    put(bench, "good.parquet", id=[1, 2])
    put(bench, "none.parquet", id=pa.array([], pa.int32()))
    put(bench, "text.parquet", id=["3"])
    pq.ParquetWriter(put(bench, "groups.parquet", id=[9]), pa.schema([("id", pa.int32())])).close()  # no row group
    footer = put(bench, "footer.parquet", id=[4])
    footer.write_bytes(footer.read_bytes()[:-12] + b"\0" * 4 + footer.read_bytes()[-8:])
    plain = {"compression": "none", "use_dictionary": False, "write_page_checksum": True}
    wrong = put(bench, "checksum.parquet", plain, id=pa.array([1111, 2222], pa.int32()))
    there, other = (number.to_bytes(4, "little") for number in (2222, 3333))
    first = (1111).to_bytes(4, "little")
    assert first + there in wrong.read_bytes()
    wrong.write_bytes(wrong.read_bytes().replace(first + there, first + other))
    page = put(bench, "page.parquet", id=list(range(1000)))
    page.write_bytes(_without(page, 100, 400))
    chunk = put(bench, "chunk.parquet", x=list(range(2000)), id=list(range(2000)))
    chunk.write_bytes(_without(chunk, 4, _footer_of(chunk)))
    outcome = bench.one("things")
    refused = {Path(file["path"]).stem for file in outcome.objects["refused"]}
    assert refused == {"footer", "checksum", "page", "chunk"}
    assert bench.rows("SELECT id FROM things ORDER BY id") == [(1,), (2,), (3,)]


def _footer_of(file: Path) -> int:
    raw = file.read_bytes()
    return len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")


def _without(file: Path, begin: int, end: int) -> bytes:
    """The file with bytes overwritten, its length and footer as they were."""
    raw = file.read_bytes()
    return raw[:begin] + b"\0" * (min(end, len(raw)) - begin) + raw[end:]
