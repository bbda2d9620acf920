"""A file that cannot belong is refused whole, with what it looks like; the others are read."""

from __future__ import annotations

import gzip

import pytest

GZIPPED = gzip.compress(b"id\n1\n", mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "is empty (0 bytes)"),
        ("a.csv", b"\n \n", "has no header: there is no line with text"),
        ("a.csv", GZIPPED, "is not text: it looks like gzip content; name it `….gz`"),
        ("a.csv", b"PK\x03\x04rest", "is not text: it looks like a zip archive (or an Excel workbook)"),
        ("a.csv", b"PAR1rest", "is not text: it looks like Parquet"),
        ("a.csv", b"%PDF-1.7", "is not text: it looks like a PDF"),
        ("a.csv", b"id\n1\x00\n", "is not text: it looks like binary content (NUL bytes)"),
        ("a.csv", "id\n1\n".encode("utf-16"), "is not text: it looks like UTF-16 text; declare `encoding: utf-16`"),
        ("a.csv", b'{"id": 1}\n', "looks like JSON, not CSV"),
        ("a.csv", b"<html><body>Not found</body></html>", "looks like XML or HTML, not CSV"),
        ("a.csv.bz2", b"id\n1\n", "is named `.bz2`; only gz is unpacked"),
        ("a.csv", b"id,n\xe4me\n1,2\n", "has a header that is not utf-8; declare its `encoding`"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_what_it_looks_like(staging, contract, name, content, reason):
    file = staging.put(f"things/{name}", b"")
    file.write_bytes(content)
    staging.put("things/good.csv", "id\n1\n")
    assert staging.refused(contract("id")) == {f"things/{name}": reason}


def test_a_packed_file_that_is_not_packed_or_cut_short_is_refused(staging, contract):
    staging.put("things/plain.csv.gz", "").write_bytes(b"id\n1\n")
    staging.put("things/short.csv.gz", "").write_bytes(GZIPPED[:-9])
    assert staging.refused(contract("id")) == {
        "things/plain.csv.gz": "is named `.gz` but has no gzip content",
        "things/short.csv.gz": "is cut short: its gzip content does not end",
    }


def test_a_packed_file_that_breaks_while_it_is_copied_is_refused(staging, contract):
    lines = "skip\nid\n" + "".join(f"{i * 7919 % 1000003}\n" for i in range(200000))
    packed = gzip.compress(lines.encode())
    staging.put("things/short.csv.gz", "").write_bytes(packed[:-1000])
    reason = staging.refused(contract("id", read={"skip_lines": 1}))["things/short.csv.gz"]
    assert reason.startswith("is cut short or broken: ")
    assert list(staging.aside.glob("*")) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty (0 bytes)"),
        (b" \n", "holds no JSON: there is no text in it"),
        (b"id,name\n1,2\n", "does not look like JSON: it begins with `i`, not with an object or a list"),
        (b"PAR1....", "is not text: it looks like Parquet"),
    ],
)
def test_a_file_that_is_no_json_is_refused_with_what_it_looks_like(staging, contract, content, reason):
    staging.put("things/a.json", "").write_bytes(content)
    assert staging.refused(contract("id", format="json")) == {"things/a.json": reason}


@pytest.mark.parametrize("content", [b"", b"id\n1\n", b"PAR1" + b"\0" * 40, b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(staging, contract, content):
    staging.put("things/a.parquet", "").write_bytes(content)
    reason = staging.refused(contract("id", format="parquet"))["things/a.parquet"]
    assert reason.startswith(("is empty", "is not Parquet, or is cut short: "))


def test_refused_files_are_not_read_and_the_others_are(staging, contract):
    staging.put("things/a.csv", "id\n1\n")
    staging.put("things/b.csv", "other\n2\n")
    made = contract("id", key=("id",))
    plan = staging.plan(made)
    assert [stored.path for stored in plan.objects] == ["things/a.csv"]
    assert [refused.object.path for refused in plan.refused] == ["things/b.csv"]
