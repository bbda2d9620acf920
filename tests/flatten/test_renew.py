"""At least once becomes exactly once: in any order of events and workers, the newest version is in the file."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from buckets import KEY, PLAN, FakeS3

from headgate.errors import RunFailed
from headgate.flatten.names import parquet_path
from headgate.flatten.renew import renew
from headgate.flatten.staging import LocalStaging, S3Staging
from headgate.read.refused import CannotBelong

PATH = parquet_path(PLAN, KEY)


@pytest.fixture
def s3() -> FakeS3:
    made = FakeS3()
    made.write(KEY, b'{"id": 1}')
    return made


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("incoming/plays/a.json", "plays/a-59e564ae6bad73fa.parquet"),
        ("incoming/plays/2026/01/é b.JSON.gz", "plays/2026-01-b-"),
        ("incoming/plays/..json", "plays/document-"),
        ("incoming/plays/" + "x" * 200, "plays/" + "x" * 80 + "-"),
    ],
)
def test_a_file_is_named_by_the_key_alone(key: str, name: str) -> None:
    assert parquet_path(PLAN, key).startswith(name)
    assert len({parquet_path(PLAN, key), parquet_path(PLAN, key), parquet_path(PLAN, f"{key}x")}) == 2


def test_the_file_says_which_version_it_is_of(s3: FakeS3) -> None:
    renewed = renew(PLAN, S3Staging("staging", s3), KEY)
    assert (renewed.state, renewed.path, renewed.work.rows) == ("written", PATH, 1)
    assert s3.objects[PATH]["Metadata"] == {
        "document": "incoming/plays/2026/a%20b.json", "document-version": "v1", "plan": PLAN.hash,
        "document-etag": s3.objects[KEY]["ETag"].strip('"'), "document-modified": "2026-01-01T00:01:00+00:00",
    }  # fmt: skip


def test_a_repeated_event_writes_nothing(s3: FakeS3) -> None:
    states = [renew(PLAN, S3Staging("staging", s3), KEY).state for _ in range(5)]
    assert states == ["written", *["unchanged"] * 4]
    assert s3.puts == [PATH]


def test_another_contract_flattens_the_same_version_again(s3: FakeS3) -> None:
    renew(PLAN, S3Staging("staging", s3), KEY)
    assert renew(replace(PLAN, keep_rest=False), S3Staging("staging", s3), KEY).state == "written"
    assert s3.puts == [PATH, PATH]


def test_a_newer_version_takes_the_place_of_the_older_ones_file(s3: FakeS3, tmp_path: Path) -> None:
    renew(PLAN, S3Staging("staging", s3), KEY)
    s3.write(KEY, b'{"id": 2}\n{"id": 3}\n')
    renew(PLAN, S3Staging("staging", s3), KEY)
    assert s3.ids(PATH, tmp_path) == ["2", "3"]
    assert sorted(s3.objects) == [KEY, PATH]


def test_a_document_that_changes_while_it_is_flattened_is_flattened_again(s3: FakeS3, tmp_path: Path) -> None:
    def change() -> None:
        s3.before = lambda: None
        s3.write(KEY, b'{"id": 2}')

    s3.before = change
    assert renew(PLAN, S3Staging("staging", s3), KEY).work.rows == 1
    assert (s3.ids(PATH, tmp_path), len(s3.puts)) == (["2"], 2)


def test_a_worker_that_is_late_does_not_leave_the_older_version(s3: FakeS3, tmp_path: Path) -> None:
    """It has read version 1; meanwhile version 2 arrives and another worker puts it. Then it puts its own file."""

    def overtaken() -> None:
        s3.before = lambda: None
        s3.write(KEY, b'{"id": 2}')
        assert renew(PLAN, S3Staging("staging", s3), KEY).state == "written"
        assert s3.ids(PATH, tmp_path) == ["2"]

    s3.before = overtaken
    renew(PLAN, S3Staging("staging", s3), KEY)
    assert s3.ids(PATH, tmp_path) == ["2"]
    assert s3.objects[PATH]["Metadata"]["document-version"] == s3.objects[KEY]["VersionId"]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_writers_and_workers_ends_in_the_newest_version(s3: FakeS3, tmp_path: Path, seed: int) -> None:
    chance, left = random.Random(seed), [4]

    def meanwhile() -> None:
        if left[0] and chance.random() < 0.6:
            left[0] -= 1
            if chance.random() < 0.6:
                s3.write(KEY, b'{"id": %d}' % chance.randint(10, 99))
            if chance.random() < 0.6:
                renew(PLAN, S3Staging("staging", s3), KEY)

    s3.before = s3.after = meanwhile
    for _ in range(2):
        renew(PLAN, S3Staging("staging", s3), KEY)
    newest = s3.objects[KEY]["content"].decode().removeprefix('{"id": ').removesuffix("}")
    assert s3.ids(PATH, tmp_path) == [newest]


def test_a_document_that_never_stays_the_same_fails(s3: FakeS3) -> None:
    s3.after = lambda: s3.write(KEY, b'{"id": 9}')
    with pytest.raises(RunFailed, match="the document changed 5 times while it was flattened"):
        renew(PLAN, S3Staging("staging", s3), KEY)


def test_a_document_that_is_gone_is_no_failure(s3: FakeS3) -> None:
    del s3.objects[KEY]
    assert renew(PLAN, S3Staging("staging", s3), KEY).state == "gone"
    assert s3.puts == []


def test_a_refused_document_writes_nothing_and_leaves_the_former_file(s3: FakeS3, tmp_path: Path) -> None:
    renew(PLAN, S3Staging("staging", s3), KEY)
    s3.write(KEY, b'[{"id": 1}, {"id": 2}, {"id')
    with pytest.raises(CannotBelong, match="is cut short"):
        renew(PLAN, S3Staging("staging", s3), KEY)
    assert s3.ids(PATH, tmp_path) == ["1"]


def test_an_error_of_aws_is_raised(s3: FakeS3) -> None:
    s3.refused[KEY] = "AccessDenied"
    with pytest.raises(Exception, match="AccessDenied"):
        renew(PLAN, S3Staging("staging", s3), KEY)


def test_a_folder_keeps_a_file_that_would_be_the_same(tmp_path: Path) -> None:
    document = tmp_path / KEY
    document.parent.mkdir(parents=True)
    document.write_bytes(b'{"id": 1}')
    renew(PLAN, LocalStaging(tmp_path), KEY)
    before = (tmp_path / PATH).stat().st_mtime_ns
    renew(PLAN, LocalStaging(tmp_path), KEY)
    assert (tmp_path / PATH).stat().st_mtime_ns == before
    document.write_bytes(b'{"id": 12}')
    renew(PLAN, LocalStaging(tmp_path), KEY)
    assert (tmp_path / PATH).stat().st_mtime_ns > before
    assert [path.name for path in (tmp_path / "plays").iterdir()] == [PATH.removeprefix("plays/")]
