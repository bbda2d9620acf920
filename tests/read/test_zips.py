"""Zip files: members are read like files, and a file with a member that cannot be read is refused whole."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from bench import Bench, csv
from headgate.read import zips

LINES = "id,name\n1,anna\n2,bo\n"


def packed(*members: tuple[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, text in members:
            archive.writestr(name, text)
    return content.getvalue()


def test_members_are_read_like_files_each_by_its_own_header(staging, contract):
    staging.put("things/one.zip", packed(("data.csv", LINES)))
    staging.put(
        "things/TWO.ZIP", packed(("a/x.csv", "name,id\ncy,3\n"), ("a/", ""), ("b.csv", b"\xef\xbb\xbfid,name\n4,dee\n"))
    )
    staging.put("things/plain.csv", "id,name\n5,eve\n")
    made = contract("id", "name")
    assert staging.values(made, "id", "name", "_object") == [
        ("3", "cy", "things/TWO.ZIP"), ("4", "dee", "things/TWO.ZIP"), ("1", "anna", "things/one.zip"),
        ("2", "bo", "things/one.zip"), ("5", "eve", "things/plain.csv"),
    ]  # fmt: skip
    assert [stored.path for stored in staging.plan(made).objects] == [
        "things/TWO.ZIP", "things/one.zip", "things/plain.csv",
    ]  # fmt: skip


def test_json_members_have_their_own_layouts_and_read_words_apply_to_members(staging, contract):
    staging.put("json/a.zip", packed(("1.json", '[{"id": 1}]'), ("2.jsonl", '{"id": 2.50}\n{"id": 3}\n')))
    assert staging.values(contract("id", format="json", path="json/")) == [("1",), ("2.50",), ("3",)]
    staging.put("csv/a.zip", packed(("a.csv", "made today\nid;name\n1;é\n".encode("cp1252"))))
    read = {"encoding": "cp1252", "skip_lines": 1, "delimiter": ";"}
    assert staging.values(contract("id", "name", path="csv/", read=read)) == [("1", "é")]


def test_hidden_members_are_left_out_and_members_chooses(staging, contract):
    members = ("data_1.csv", LINES), ("__MACOSX/._data_1.csv", b"\0"), (".hidden", "x"), ("read me.txt", "Hello.")
    staging.put("things/a.zip", packed(*members))
    assert staging.refused(contract("id", "name"))["things/a.zip"].startswith(
        "is a zip whose member `read me.txt` has columns that"
    )
    assert staging.values(contract("id", "name", members="data_*.csv")) == [("1", "anna"), ("2", "bo")]
    assert staging.refused(contract("id", "name", members="*.tsv")) == {
        "things/a.zip": "is a zip without a member that is read (`source.members: *.tsv`)"
    }


def encrypted(content: bytes) -> bytes:
    """The same archive with the flag of encryption on its first member."""
    raw = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = raw.index(magic) + at
        raw[start : start + 2] = struct.pack("<H", 1)
    return bytes(raw)


GOOD = packed(("data.csv", LINES))
TWICE = packed(("1.csv", LINES), ("2.csv", LINES)).replace(b"2.csv", b"1.csv")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (GOOD[:-30], "is not a zip archive, or is cut short: "),
        (LINES.encode(), "is not a zip archive, or is cut short: "),
        (b"", "is not a zip archive, or is cut short: "),
        (packed(), "is a zip without a member that is read"),
        (encrypted(GOOD), "is a zip whose member `data.csv` is encrypted; deliver it without a password"),
        (GOOD.replace(b"data.csv", b"../a.csv"), "is a zip whose member `../a.csv` has a name that leads out"),
        (GOOD.replace(b"data.csv", b"/abs.csv"), "is a zip whose member `/abs.csv` has a name that leads out"),
        (TWICE, "is a zip whose member `1.csv` occurs twice"),
        (packed(("[Content_Types].xml", "<x/>")), "is an Excel or Word file, not a zip of data files"),
        (packed(("a.csv", LINES), ("b.csv", "")), "is a zip whose member `b.csv` is empty (0 bytes)"),
        (packed(("a.csv", LINES), ("b.zip", GOOD)), "is a zip whose member `b.zip` is named `.zip`"),
        (packed(("a.csv", b"\0" * 80_000_000)), "is a zip whose member `a.csv` would unpack to 76 MB from "),
        (packed(("data.csv", LINES), compression=zipfile.ZIP_STORED).replace(b"anna", b"anne"),
         "is a zip whose member `data.csv` could not be read: BadZipFile: Bad CRC-32"),
    ],
)  # fmt: skip
def test_a_zip_that_cannot_be_used_is_refused_alone(staging, contract, content, reason):
    staging.put("things/a.zip", content)
    staging.put("things/good.csv", LINES)
    refused = staging.refused(contract("id", "name"))
    assert list(refused) == ["things/a.zip"]
    assert refused["things/a.zip"].startswith(reason)


def test_too_many_members_and_too_many_bytes_are_refused(staging, contract, monkeypatch):
    staging.put("things/a.zip", packed(*((f"{i}.csv", LINES) for i in range(4))))
    monkeypatch.setattr(zips, "MOST_BYTES", 50)
    assert staging.refused(contract("id", "name"))["things/a.zip"].startswith("would unpack to 0 MB; at most ")
    monkeypatch.setattr(zips, "MOST_MEMBERS", 3)
    assert staging.refused(contract("id", "name"))["things/a.zip"] == "is a zip of 4 members; at most 3 are unpacked"


def test_a_zip_is_not_unpacked_where_columns_are_classified(staging, contract):
    staging.put("things/a.zip", GOOD)
    made = contract("id", {"name": "name", "classification": "person"})
    assert "would have to be copied unmasked" in staging.refused(made)["things/a.zip"]
    assert not staging.aside.exists() or list(staging.aside.iterdir()) == []


def test_a_document_that_breaks_while_it_is_read_takes_its_whole_zip_with_it(bench: Bench):
    bench.contract("orders", "source: {format: json}\ncolumns:\n  - {name: id, type: int}\nat_most: 0.5\n")
    bench.put("orders/a.zip", packed(("1.json", '[{"id": 1}]'), ("2.json", '[{"id": 2},')))
    bench.put("orders/b.zip", packed(("1.json", '[{"id": 3}]'), ("2.json", '{"id": 4}\n')))
    outcome = bench.one("orders")
    assert [file["path"] for file in outcome.objects["refused"]] == ["orders/a.zip"]
    assert (outcome.read, outcome.published, outcome.files_refused) == (2, 2, 1)
    assert bench.rows("SELECT id, _object FROM orders ORDER BY 1") == [(3, "orders/b.zip"), (4, "orders/b.zip")]


def test_a_zip_that_is_delivered_again_replaces_the_rows_of_its_former_members(bench: Bench):
    bench.contract("orders", "columns:\n  - {name: order_id, type: string}\n  - {name: amount, type: int}\n")
    bench.put("orders/a.zip", packed(("1.csv", csv("a,1")), ("2.csv", csv("b,2"))))
    bench.run()
    bench.put("orders/a.zip", packed(("1.csv", csv("a,1")), ("3.csv", csv("c,3", "d,4"))), arrived=60)
    assert bench.one("orders").published == 3
    assert bench.rows("SELECT order_id FROM orders ORDER BY 1") == [("a",), ("c",), ("d",)]
