"""Files that are packed, encoded or stored in a way that cannot be read: each is refused alone."""

from __future__ import annotations

import gzip
import os
import socket
import tempfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import ORDERS, Bench, csv
from headgate.contract.encodings import is_text_encoding
from headgate.lake.storage import LocalStorage
from headgate.read import objects, plan
from headgate.read.gz import require_gz, unpacked_head
from headgate.read.looks import looks_like, not_of_the_format
from headgate.read.refused import CannotBelong
from headgate.read.unreadable import why

LINES = b"id,name\n1,anna\n2,bo\n"
PACKED = gzip.compress(LINES, mtime=0)


@pytest.mark.parametrize(
    ("declared", "content", "reason"),
    [
        ("utf-16", LINES.decode().encode("utf-16-le"),
         "has no byte-order mark; declare `encoding: utf-16-le` or `utf-16-be` (it looks like utf-16-le)"),
        ("utf-16", LINES.decode().encode("utf-16-be"),
         "has no byte-order mark; declare `encoding: utf-16-le` or `utf-16-be` (it looks like utf-16-be)"),
        ("utf-32", LINES.decode().encode("utf-32-be"),
         "has no byte-order mark; declare `encoding: utf-32-le` or `utf-32-be` (it looks like utf-32-be)"),
        ("utf-16-le", LINES.decode().encode("utf-16-be").join([b"\xfe\xff", b""]),
         "begins with the byte-order mark of utf-16-be; declare that `encoding`"),
        ("utf-16-le", LINES,
         "is not utf-16-le: it looks like UTF-8 or other text of single bytes; declare its `encoding`"),
        ("utf-8", LINES.decode().encode("utf-16-le"),
         "is not text: it looks like UTF-16 text without a byte-order mark; declare `encoding: utf-16-le`"),
        ("utf-8", LINES.decode().encode("utf-16-be"),
         "is not text: it looks like UTF-16 text without a byte-order mark; declare `encoding: utf-16-be`"),
        ("cp1252", LINES.decode().encode("utf-32-le"),
         "is not text: it looks like UTF-32 text without a byte-order mark; declare `encoding: utf-32-le`"),
        ("utf-8", LINES.decode().encode("utf-32"),
         "is not text: it looks like UTF-32 text; declare `encoding: utf-32`"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_a_wide_encoding_that_is_not_the_declared_one_is_named(staging, contract, declared, content, reason, packed):
    staging.put(f"things/a.csv{'.gz' if packed else ''}", content)
    assert list(staging.refused(contract("id", "name", read={"encoding": declared})).values()) == [reason]


def test_every_encoding_of_wide_text_is_read_as_declared(staging, contract):
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"):
        staging.put(f"{encoding}/a.csv", "id,name\n1,żółw\n".encode(encoding))
        made = contract("id", "name", path=f"{encoding}/", read={"encoding": encoding})
        assert staging.values(made) == [("1", "żółw")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PACKED + b"\0" * 600, "has zeros after its gzip content; unpack it and pack it again"),
        (PACKED + b"more", "has something that is not gzip after its gzip content; unpack it and pack it again"),
        (PACKED + PACKED[:-9], "is cut short: its gzip content does not end"),
        (PACKED[:-8] + b"crcs" + PACKED[-4:], "is broken gzip content: "),
        (PACKED[:9], "is cut short: its gzip content does not end"),
    ],
)
def test_a_packed_file_with_more_or_less_than_gzip_is_refused(staging, contract, content, reason):
    staging.put("things/a.csv.gz", "").write_bytes(content)
    staging.put("things/good.csv", LINES)
    (refused,) = staging.refused(contract("id", "name")).values()
    assert refused.startswith(reason)


def test_members_of_gzip_are_one_text_and_the_ending_may_be_in_capitals(staging, contract):
    parts = gzip.compress(LINES[:4]) + gzip.compress(b"") + gzip.compress(LINES[4:])
    for name in ("a.csv.gz", "B.CSV.GZ", "c.Gz"):
        staging.put(f"things/{name}", "").write_bytes(parts)
    assert staging.values(contract("id", "name")) == [("1", "anna"), ("2", "bo")] * 3


def test_a_file_with_a_name_in_capitals_is_not_copied_where_columns_are_classified(staging, contract):
    staging.put("things/A.CSV.GZ", "").write_bytes(PACKED)
    made = contract("id", {"name": "name", "classification": "person"})
    assert staging.refused(made)["things/A.CSV.GZ"].startswith("would have to be copied unmasked")
    assert not staging.aside.exists() or list(staging.aside.iterdir()) == []


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_the_head_of_a_packed_file_is_the_head_of_its_content(contents, cut):
    raw = b"".join(gzip.compress(content) for content in contents)
    assert unpacked_head(raw, whole=True, most=1 << 20) == (b"".join(contents), True)
    head, _ = unpacked_head(raw[: max(cut, 10)], whole=len(raw) <= cut, most=1 << 20)
    assert b"".join(contents).startswith(head)


@given(st.binary(min_size=1, max_size=40), st.integers(0, len(PACKED)))
@settings(max_examples=60, deadline=None)
def test_what_is_not_gzip_from_end_to_end_is_refused_by_the_head_and_by_the_whole(noise, cut):
    for raw in (PACKED[:cut], PACKED + noise):
        try:
            require_whole = _accepts(raw)
            unpacked_head(raw, whole=True, most=1 << 20)
        except CannotBelong:
            assert not _accepts(raw)
        else:
            assert require_whole or not raw


def _accepts(raw: bytes) -> bool:
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.seek(0)
        try:
            require_gz(file)
        except CannotBelong:
            return False
        return raw.startswith(b"\x1f\x8b")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<<<<<<< HEAD\nid\n1\n", "begins with `<<<<<<< HEAD`, a conflict marker"),
        ("=======\nid\n", "begins with `=======`, a conflict marker"),
        ("\n>>>>>>> branch\n", "begins with `>>>>>>> branch`, a conflict marker"),
        ("<?xml version='1.0'?>", "looks like XML or HTML"),
        ("<!DOCTYPE html>", "looks like XML or HTML"),
        ("<html>", "looks like XML or HTML"),
        ("<5 km,name\n", None),
        ("========\n", None),
        ("id,<name>\n", None),
    ],
)
def test_conflict_markers_and_markup_are_told_apart(text, what):
    assert (not_of_the_format(text, hidden=False) or "").startswith(what or "") and (
        not_of_the_format(text, hidden=False) is None
    ) == (what is None)


def test_conflict_markers_refuse_a_file_of_either_text_format_and_a_sign_in_a_header_does_not(staging, contract):
    staging.put("csv/a.csv", "<<<<<<< HEAD\nid\n1\n=======\nid\n2\n>>>>>>> main\n")
    staging.put("csv/b.csv", "<5 km\n7\n")
    staging.put("json/a.json", '<<<<<<< HEAD\n{"id": 1}\n')
    made = contract({"name": "near", "source": "<5 km"}, path="csv/")
    reason = "begins with `<<<<<<< HEAD`, a conflict marker; resolve the merge and deliver the file again"
    assert staging.refused(made) == {"csv/a.csv": reason}
    assert staging.refused(contract("id", path="json/", format="json")) == {"json/a.json": reason}


@given(st.binary(max_size=64))
@settings(max_examples=100, deadline=None)
def test_a_look_at_any_bytes_ends_with_words_or_nothing(content):
    for encoding in ("utf-8", "cp1252", "utf-16"):
        assert looks_like(content, encoding) != ""


def test_what_is_no_file_is_refused_and_the_others_are_read(staging, contract, tmp_path):
    staging.put("things/good.csv", LINES)
    root = staging.root / "things"
    (root / "broken.csv").symlink_to("nowhere.csv")
    (root / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.csv").write_bytes(LINES)
    (root / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "folder.csv").mkdir()
    os.mkfifo(root / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(root)  # the path of a socket is short
        listening.bind("socket.csv")
        os.chdir(Path(__file__).parents[2])
        assert staging.refused(contract("id", "name")) == {
            "things/broken.csv": _GONE,
            "things/folder.csv": _FOLDER,
            "things/linked": _FOLDER,
            "things/loop.csv": "is a link that leads to itself; remove it",
            "things/pipe.csv": "is not a regular file (a pipe, socket or device); remove it",
            "things/socket.csv": "is not a regular file (a pipe, socket or device); remove it",
        }


_GONE = "is gone, or a link to a file that does not exist; deliver it again, or remove the link"
_FOLDER = "is a folder or a link to one, not a file; put the files themselves below `source.path`"


def test_a_name_that_is_not_utf_8_is_refused_and_printable(staging, contract):
    staging.put("things/good.csv", LINES)
    Path(os.fsdecode(os.fsencode(staging.root) + b"/things/n\xe4me.csv")).write_bytes(LINES)
    assert staging.refused(contract("id", "name")) == {"things/n\\xe4me.csv": "has a name that is not UTF-8; rename it"}


def test_a_file_that_goes_or_is_closed_between_listing_and_look_is_refused_for_this_run(staging, contract, monkeypatch):
    for name in ("a", "gone", "secret"):
        staging.put(f"things/{name}.csv", LINES)
    store = LocalStorage(staging.root)
    listed = objects(store, "things/")
    (staging.root / "things/gone.csv").unlink()
    head = LocalStorage.head

    def denied(self: LocalStorage, path: str, size: int) -> bytes:
        if path.endswith("secret.csv"):
            raise PermissionError(13, "Permission denied", path)
        return head(self, path, size)

    monkeypatch.setattr(LocalStorage, "head", denied)
    planned = plan(contract("id", "name"), store, listed, staging.aside)
    assert [stored.path for stored in planned.objects] == ["things/a.csv"]
    assert [(file.object.path, file.again) for file in planned.refused] == [
        ("things/gone.csv", True),
        ("things/secret.csv", True),
    ]


def test_an_object_that_aws_denies_is_refused_and_all_of_them_stop_the_run(staging, contract, monkeypatch):
    for name in ("a", "b"):
        staging.put(f"things/{name}.csv", LINES)
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")
    head = LocalStorage.head
    closed = {"things/a.csv"}

    def some(self: LocalStorage, path: str, size: int) -> bytes:
        if path in closed:
            raise denied
        return head(self, path, size)

    monkeypatch.setattr(LocalStorage, "head", some)
    assert staging.refused(contract("id", "name")) == {
        "things/a.csv": "may not be opened: access is denied; correct its permissions"
    }
    closed.add("things/b.csv")
    with pytest.raises(ClientError):
        staging.plan(contract("id", "name"))


def test_an_archived_object_is_refused_alone_and_tried_again(staging, contract, monkeypatch):
    for name in ("a", "b"):
        staging.put(f"things/{name}.csv", LINES)
    _archive(monkeypatch, "things/a.csv")
    store = LocalStorage(staging.root)
    planned = plan(contract("id", "name"), store, objects(store, "things/"), staging.aside)
    assert [stored.path for stored in planned.objects] == ["things/b.csv"]
    assert [(file.object.path, file.reason, file.again) for file in planned.refused] == [
        ("things/a.csv", "is archived; restore it from Glacier, or deliver it again", True)
    ]


def _archive(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Let S3 answer as for an object in Glacier that nobody has restored."""
    head = LocalStorage.head

    def answered(self: LocalStorage, asked: str, size: int) -> bytes:
        if asked == path:
            said = {"Code": "InvalidObjectState", "Message": "not valid for the object's storage class"}
            raise ClientError({"Error": said}, "GetObject")
        return head(self, asked, size)

    monkeypatch.setattr(LocalStorage, "head", answered)


def test_overwriting_names_an_archived_object_and_publishes_the_others(bench, monkeypatch):
    bench.contract("orders", ORDERS + "write: {mode: overwrite}\n")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.put("orders/b.csv", csv("b,2.00"))
    assert bench.one("orders").rows_after == 2
    bench.put("orders/c.csv", csv("c,3.00"), arrived=60)
    with monkeypatch.context() as archived:
        _archive(archived, "orders/a.csv")
        outcome = bench.one("orders")
    assert (outcome.status, outcome.rows_after) == ("published", 2)
    [refused] = outcome.objects["refused"]
    assert (refused["path"], refused["reason"]) == (
        "orders/a.csv", "is archived; restore it from Glacier, or deliver it again",
    )  # fmt: skip
    assert bench.one("orders").rows_after == 3  # restored: it is read without being delivered again


def test_where_a_file_may_not_be_left_out_an_archived_object_closes_the_gate(bench, monkeypatch):
    bench.contract("orders", ORDERS + "write: {mode: overwrite}\nsource: {unreadable: stop}\n")
    bench.put("orders/a.csv", csv("a,1.00"))
    bench.one("orders")
    bench.put("orders/b.csv", csv("b,2.00"), arrived=60)
    _archive(monkeypatch, "orders/a.csv")
    outcome = bench.one("orders")
    assert outcome.status == "closed"
    assert "`orders/a.csv` refused: is archived" in str(outcome.reason)
    assert bench.rows("SELECT order_id FROM orders") == [("a",)]


def test_the_machine_s_faults_blame_no_file():
    assert why(OSError(28, "No space left on device")) is None
    assert why(OSError(24, "Too many open files")) is None
    assert why(ConnectionError("reset")) is None
    assert why(OSError("Corrupt snappy compressed data.")) is not None  # pyarrow's, without a number
    reason = why(UnicodeError("odd bytes\nmore"))
    assert reason is not None and reason.reason == "could not be read: UnicodeError: odd bytes"


def test_only_encodings_of_text_can_be_declared():
    assert [name for name in ("utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1", "cp037", "big5", "utf-7")
            if not is_text_encoding(name)] == []  # fmt: skip
    assert [name for name in ("base64", "hex", "rot13", "zip", "bz2", "quopri", "uu", "idna", "punycode", "undefined",
                              "unicode_escape", "raw-unicode-escape", "no such", "", "a\0b")
            if is_text_encoding(name)] == []  # fmt: skip


def test_a_run_over_odd_files_publishes_the_good_one_and_tries_those_again_that_could_not_be_opened(bench: Bench):
    bench.contract("orders")
    bench.contract("others")
    bench.put("orders/good.csv", csv("a,1", "b,2"))
    bench.put("others/good.csv", csv("a,1"))
    bench.put("orders/padded.csv.gz", gzip.compress(csv("x,1").encode() * 30000) + b"\0" * 100)
    bench.put("orders/late.csv.gz", gzip.compress(os.urandom(90000).hex().encode())[:-3000] + b"\0" * 3000)
    bench.put("orders/wide.csv", csv("c,3").encode("utf-16-le"))
    link = bench.root / "staging/orders/link.csv"
    link.symlink_to("later.csv")
    result = bench.run()
    assert result.exit_code == 0
    refused = {file["path"]: file["reason"] for file in result.outcomes["orders"].objects["refused"]}
    assert set(refused) == {f"orders/{name}" for name in ("late.csv.gz", "link.csv", "padded.csv.gz", "wide.csv")}
    assert bench.rows("SELECT order_id FROM orders ORDER BY 1") == [("a",), ("b",)]
    assert bench.one("orders").objects["refused"][0]["path"] == "orders/link.csv"  # the others are in the ledger
    (bench.root / "staging/orders/later.csv").write_text(csv("d,4"))
    outcome = bench.one("orders")
    assert (outcome.read, outcome.published) == (2, 1)  # `later.csv` and the link to it say the same
    assert bench.rows("SELECT order_id FROM orders ORDER BY 1") == [("a",), ("b",), ("d",)]
