"""Which staged objects a contract's path matches, and whether there are few."""

from __future__ import annotations

from pathlib import Path

import boto3
import moto
import pytest

from headgate.lake.listing import at_most, objects
from headgate.lake.storage import LocalStorage, S3Storage, Storage

FILES = ("Album.csv", "Album.csv.bak", "tracks/a.csv", "tracks/b.csv.gz", "tracks/2024/01/c.csv", "tracks/_x/d.csv",
         "tracks/.hidden", "tracks/2024/_SUCCESS", "tracks_old/e.csv", "a[1].csv")  # fmt: skip


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "folder":
        made: Storage = LocalStorage(tmp_path)
        for name in FILES:
            made.write(name, b"x")
        yield made
        return
    with moto.mock_aws():
        client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        made = S3Storage("s3://lake/staging", client)
        for name in (*FILES, "tracks/"):  # consoles make such markers for folders
            made.write(name, b"x")
        yield made


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("tracks/", ["tracks/2024/01/c.csv", "tracks/a.csv", "tracks/b.csv.gz"]),
        ("tracks", ["tracks/2024/01/c.csv", "tracks/a.csv", "tracks/b.csv.gz"]),
        ("Album.csv", ["Album.csv"]),
        ("tracks/*.csv", ["tracks/a.csv"]),
        ("tracks/**/*.csv", ["tracks/2024/01/c.csv", "tracks/a.csv"]),
        ("tracks/**", ["tracks/2024/01/c.csv", "tracks/a.csv", "tracks/b.csv.gz"]),
        ("tr?ck/", []),
        ("track?_old/", ["tracks_old/e.csv"]),
        ("*/?.csv", ["tracks/a.csv", "tracks_old/e.csv"]),
        ("a[1].csv", ["a[1].csv"]),
        ("nothing/", []),
    ],
)
def test_a_path_names_a_folder_with_all_in_it_a_file_or_what_a_glob_fits(store, pattern, paths):
    assert [stored.path for stored in objects(store, pattern)] == paths


def test_only_the_literal_part_of_a_path_is_listed(store, monkeypatch):
    asked = []
    monkeypatch.setattr(type(store), "list", lambda self, prefix="": asked.append(prefix) or iter(()))
    for pattern in ("tracks/", "tracks/2024/**/*.csv", "tracks/20*/x.csv", "*.csv"):
        objects(store, pattern)
    assert asked == ["tracks/", "tracks/2024/", "tracks/", ""]


def test_the_head_of_an_object_and_a_seekable_stream_are_read(store):
    store.write("big.bin", bytes(range(256)) * 10)
    store.write("none.bin", b"")
    assert store.head("big.bin", 3) == b"\x00\x01\x02"
    assert store.head("none.bin", 3) == b""
    with store.open("big.bin") as file:
        file.seek(-2, 2)
        assert file.read() == b"\xfe\xff"
        file.seek(256)
        assert file.read(2) == b"\x00\x01"


def test_whether_the_files_of_some_folders_are_few(tmp_path: Path) -> None:
    lake, staging = LocalStorage(tmp_path / "lake"), LocalStorage(tmp_path / "staging")
    assert at_most([lake, staging], 0)
    lake.write("a/b.csv", b"x" * 20_000)
    staging.write("c.csv", b"x")
    assert at_most([lake, staging], 36_000)
    assert not at_most([lake, staging], 35_999)
