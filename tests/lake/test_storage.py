"""A folder and a bucket: the same verbs, the same answers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from headgate.errors import UnusableArgument
from headgate.lake.local_files import inside
from headgate.lake.storage import LocalStorage, S3Storage, Storage, storage
from headgate.runtime import _here


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """An empty storage that lies below something else."""
    if request.param == "folder":
        yield LocalStorage(tmp_path / "lake")
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="other/x", Body=b"not below the prefix")
        yield S3Storage("s3://bucket/lake", client)


def test_what_is_written_is_listed_and_read_back(store: Storage) -> None:
    store.write("a/2.txt", b"two")
    store.put("a/10.txt", io.BytesIO(b"ten"))
    store.write("b.txt", b"")
    listed = {stored.path: stored.size for stored in store.list()}
    assert listed == {"a/10.txt": 3, "a/2.txt": 3, "b.txt": 0}
    assert [stored.path for stored in store.list("a/")] == ["a/10.txt", "a/2.txt"]
    assert (store.read("a/2.txt"), store.head("a/2.txt", 2), store.head("b.txt", 2)) == (b"two", b"tw", b"")
    assert {stored.arrival.tzname() for stored in store.list()} == {"UTC"}


def test_a_file_that_is_open_can_be_sought(store: Storage) -> None:
    store.write("a.txt", b"0123456789")
    with store.open("a.txt") as file:
        file.seek(-3, io.SEEK_END)
        assert (file.read(2), file.tell(), file.seek(1), file.read()) == (b"78", 9, 1, b"123456789")


def test_delete_takes_an_object_or_a_folder_and_no_neighbour(store: Storage) -> None:
    for path in ("run/a/1", "run/a/2", "run/ab", "run/b"):
        store.write(path, b"x")
    for path in ("run/a", "run/b", "nothing"):
        store.delete(path)
    assert [stored.path for stored in store.list()] == ["run/ab"]
    assert (store.exists("run/ab"), store.exists("run"), store.exists("run/b")) == (True, True, False)


def test_what_is_created_is_never_overwritten(store: Storage) -> None:
    store.create("runs/r1/run.json", b"first")
    with pytest.raises((FileExistsError, ClientError), match=r"exists|PreconditionFailed"):
        store.create("runs/r1/run.json", b"second")
    assert store.read("runs/r1/run.json") == b"first"


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk is full")

    store = LocalStorage(tmp_path)
    store.write("a.txt", b"before")
    with pytest.raises(OSError, match="the disk is full"):
        store.put("a.txt", Breaks())
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.txt", b"before")]


def test_an_address_tells_a_bucket_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert storage("s3a://bucket/lake/").uri("a b") == "s3://bucket/lake/a b"
    assert storage(f"file://{tmp_path}/a%20b").root == storage(tmp_path / "a b").root == f"{tmp_path}/a b"


@pytest.mark.parametrize("key", ["../x", "contracts/../../x", "a/..", "/etc/x"])
def test_a_key_that_leaves_the_folder_is_refused_on_its_way_to_a_file(tmp_path: Path, key: str) -> None:
    with pytest.raises(UnusableArgument, match="leaves the folder"):
        inside(tmp_path, key)


@pytest.mark.parametrize("key", ["a/b.yaml", "a..b/..c", "..."])
def test_dots_in_a_name_leave_no_folder(tmp_path: Path, key: str) -> None:
    assert inside(tmp_path, key) == tmp_path / key


@pytest.mark.parametrize("store", ["bucket"], indirect=True)  # a folder has no such names
def test_no_file_of_a_release_is_written_outside_of_its_folder(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("contracts/../../outside.yaml", b"dataset: outside")
    monkeypatch.setattr("headgate.runtime.storage", lambda _: store)
    with pytest.raises(UnusableArgument, match=r"`contracts/\.\./\.\./outside\.yaml` leaves the folder"):
        _here("s3://bucket/lake")
