"""A release in the bucket: written once, never changed, completed after an interruption, owned by its first writer."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from deploy_bench import small_release

from headgate.deploy.account import Account
from headgate.deploy.digest import sha256_of, sums_text
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.release import Release
from headgate.deploy.release_bucket import RemoteRelease, upload


def content(s3: Any, remote: RemoteRelease) -> dict[str, bytes]:
    return {name: remote.read(name) for name in remote.names()}


def test_a_release_is_in_the_bucket_as_it_was_built(small: Release, remote: RemoteRelease, s3: Any):
    assert upload(small, remote) is True
    files = {p.relative_to(small.folder).as_posix(): p.read_bytes() for p in small.folder.rglob("*") if p.is_file()}
    assert content(s3, remote) == files


def test_checksums_are_claimed_first_and_the_description_comes_last(small: Release, remote: RemoteRelease):
    put: list[str] = []
    remote.s3.meta.events.register("before-call.s3.PutObject", lambda params, **_: put.append(params["url_path"]))
    upload(small, RemoteRelease(remote.s3, remote.bucket, remote.version))
    assert put[0].endswith("/SHA256SUMS") and put[-1].endswith("/release.json") and len(put) == 5


def test_every_put_is_conditional_and_carries_its_checksum(small: Release, remote: RemoteRelease):
    headers: list[Any] = []
    remote.s3.meta.events.register("before-call.s3.PutObject", lambda params, **_: headers.append(params["headers"]))
    upload(small, remote)
    assert [header["If-None-Match"] for header in headers] == ["*"] * 5
    assert all(header["x-amz-checksum-sha256"] for header in headers)


def test_terraform_can_read_the_description_since_it_is_marked_as_json(small: Release, remote: RemoteRelease, s3: Any):
    upload(small, remote)
    head = s3.head_object(Bucket=remote.bucket, Key="releases/0.1.0/release.json")
    assert head["ContentType"] == "application/json"


def test_uploading_the_same_release_again_changes_nothing(small: Release, remote: RemoteRelease, s3: Any):
    upload(small, remote)
    before = s3.list_objects_v2(Bucket=remote.bucket)["Contents"]
    assert upload(small, remote) is False
    assert s3.list_objects_v2(Bucket=remote.bucket)["Contents"] == before


def test_the_same_version_with_different_content_is_refused(small: Release, remote: RemoteRelease, tmp_path: Path):
    upload(small, remote)
    other = small_release(tmp_path / "other", "two")
    with pytest.raises(CannotDeploy) as refused:
        upload(other, remote)
    assert str(refused.value) == (
        f"s3://{remote.bucket}/releases/0.1.0/: release 0.1.0 exists with different content:\n"
        "  contracts/orders.yaml: different content\n"
        "A release is never changed. Raise `version` in pyproject.toml and release that version."
    )
    assert remote.read("contracts/orders.yaml") == b"one"


def test_the_same_version_with_one_more_file_is_refused_and_nothing_is_added(
    small: Release, remote: RemoteRelease, tmp_path: Path
):
    upload(small, remote)
    more = small_release(tmp_path / "more", "one")
    (more.folder / "sql" / "more.sql").write_text("SELECT 2")
    sums = {**more.sums, "sql/more.sql": sha256_of(more.folder / "sql" / "more.sql")}
    (more.folder / "SHA256SUMS").write_text(sums_text(sums))
    with pytest.raises(CannotDeploy, match=r"sql/more\.sql: only here"):
        upload(Release("0.1.0", more.folder, sums), remote)
    assert {*remote.names()} == {*small.sums, "SHA256SUMS"}


def test_a_file_that_was_changed_in_the_bucket_is_noticed(small: Release, remote: RemoteRelease, s3: Any):
    upload(small, remote)
    s3.put_object(Bucket=remote.bucket, Key="releases/0.1.0/headgate-0.1.0-py3-none-any.whl", Body=b"another")
    with pytest.raises(CannotDeploy, match=r"headgate-0\.1\.0-py3-none-any\.whl: different content"):
        upload(small, remote)


def test_an_unknown_file_in_the_bucket_is_noticed(small: Release, remote: RemoteRelease, s3: Any):
    s3.put_object(Bucket=remote.bucket, Key="releases/0.1.0/contracts/forgotten.yaml", Body=b"x")
    with pytest.raises(CannotDeploy, match=r"contracts/forgotten\.yaml: only in the bucket"):
        upload(small, remote)
    assert "release.json" not in {*remote.names()}


def test_many_differences_are_counted(small: Release, remote: RemoteRelease, s3: Any):
    for number in range(12):
        s3.put_object(Bucket=remote.bucket, Key=f"releases/0.1.0/more/{number:02}", Body=b"x")
    with pytest.raises(CannotDeploy, match="and 2 more"):
        upload(small, remote)


def test_an_interrupted_upload_is_not_a_release_and_the_same_command_completes_it(
    small: Release, remote: RemoteRelease, monkeypatch: pytest.MonkeyPatch
):
    put_once = RemoteRelease.put_once

    def interrupted_at_the_wheel(self: RemoteRelease, name: str, file: Path, sha256: str) -> bool:
        if name.endswith(".whl"):
            raise KeyboardInterrupt
        return put_once(self, name, file, sha256)

    with monkeypatch.context() as broken:
        broken.setattr(RemoteRelease, "put_once", interrupted_at_the_wheel)
        with pytest.raises(KeyboardInterrupt):
            upload(small, remote)
    assert "release.json" not in {*remote.names()}
    assert upload(small, remote) is True
    assert {*remote.names()} == {*small.sums, "SHA256SUMS"}


def test_of_two_concurrent_releases_with_different_content_one_wins_and_the_other_is_refused(
    account: Account, small: Release, tmp_path: Path
):
    releases = [small, small_release(tmp_path / "other", "two")]
    for attempt in range(10):
        version, ended = f"0.1.{attempt}", {}
        start = threading.Barrier(2)

        def go(number: int, version: str = version, ended: Any = ended, start: threading.Barrier = start) -> None:
            s3 = account.session.client("s3", region_name=account.region)
            remote = RemoteRelease(s3, account.artifacts_bucket, version)
            start.wait()
            try:
                ended[number] = upload(releases[number], remote)
            except CannotDeploy:
                ended[number] = "refused"

        threads = [threading.Thread(target=go, args=(number,)) for number in (0, 1)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(map(str, ended.values())) == ["True", "refused"]
        winner = releases[0 if ended[0] is True else 1]
        remote = RemoteRelease(account.s3, account.artifacts_bucket, version)
        assert {name: remote.sha256(name) for name in winner.sums} == winner.sums


def test_a_conflicting_put_is_retried_and_then_reported(
    small: Release, remote: RemoteRelease, monkeypatch: pytest.MonkeyPatch
):
    tried: list[str] = []

    def conflict(**asked: Any) -> None:
        tried.append(asked["Key"])
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(remote.s3, "put_object", conflict)
    with pytest.raises(CannotDeploy, match="another upload of this file is in progress"):
        upload(small, remote)
    assert len(tried) == 3


def test_invalid_checksum_lines_are_refused(small: Release, remote: RemoteRelease, s3: Any):
    s3.put_object(Bucket=remote.bucket, Key="releases/0.1.0/SHA256SUMS", Body=b"0" * 64 + b"  ../../etc/passwd\n")
    with pytest.raises(CannotDeploy, match=r"`0{64}  \.\./\.\./etc/passwd` is not a valid checksum line"):
        upload(small, remote)
