"""A release in the bucket: written once, never changed, finished when it broke off, and won by one of two releasers."""

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
from headgate.deploy.release_bucket import Shelf, publish


def content(s3: Any, shelf: Shelf) -> dict[str, bytes]:
    return {name: shelf.read(name) for name in shelf.names()}


def test_a_release_is_in_the_bucket_as_it_was_built(small: Release, shelf: Shelf, s3: Any):
    assert publish(small, shelf) is True
    files = {p.relative_to(small.folder).as_posix(): p.read_bytes() for p in small.folder.rglob("*") if p.is_file()}
    assert content(s3, shelf) == files


def test_checksums_are_claimed_first_and_the_description_comes_last(small: Release, shelf: Shelf):
    put: list[str] = []
    shelf.s3.meta.events.register("before-call.s3.PutObject", lambda params, **_: put.append(params["url_path"]))
    publish(small, Shelf(shelf.s3, shelf.bucket, shelf.version))
    assert put[0].endswith("/SHA256SUMS") and put[-1].endswith("/release.json") and len(put) == 5


def test_every_put_is_conditional_and_carries_its_checksum(small: Release, shelf: Shelf):
    headers: list[Any] = []
    shelf.s3.meta.events.register("before-call.s3.PutObject", lambda params, **_: headers.append(params["headers"]))
    publish(small, shelf)
    assert [one["If-None-Match"] for one in headers] == ["*"] * 5
    assert all(one["x-amz-checksum-sha256"] for one in headers)


def test_terraform_can_read_the_description_since_it_is_marked_as_json(small: Release, shelf: Shelf, s3: Any):
    publish(small, shelf)
    said = s3.head_object(Bucket=shelf.bucket, Key="releases/0.1.0/release.json")
    assert said["ContentType"] == "application/json"


def test_the_same_release_again_changes_nothing_and_says_so(small: Release, shelf: Shelf, s3: Any):
    publish(small, shelf)
    before = s3.list_objects_v2(Bucket=shelf.bucket)["Contents"]
    assert publish(small, shelf) is False
    assert s3.list_objects_v2(Bucket=shelf.bucket)["Contents"] == before


def test_the_same_version_with_other_content_is_refused_file_by_file(small: Release, shelf: Shelf, tmp_path: Path):
    publish(small, shelf)
    other = small_release(tmp_path / "other", "two")
    with pytest.raises(CannotDeploy) as refused:
        publish(other, shelf)
    assert str(refused.value) == (
        f"s3://{shelf.bucket}/releases/0.1.0/: release 0.1.0 is there with other content:\n"
        "  contracts/orders.yaml: other content\n"
        "A release is never changed. Raise `version` in pyproject.toml and release that one."
    )
    assert shelf.read("contracts/orders.yaml") == b"one"


def test_the_same_version_with_a_file_more_is_refused_and_nothing_is_added(
    small: Release, shelf: Shelf, tmp_path: Path
):
    publish(small, shelf)
    more = small_release(tmp_path / "more", "one")
    (more.folder / "sql" / "more.sql").write_text("SELECT 2")
    sums = {**more.sums, "sql/more.sql": sha256_of(more.folder / "sql" / "more.sql")}
    (more.folder / "SHA256SUMS").write_text(sums_text(sums))
    with pytest.raises(CannotDeploy, match=r"sql/more\.sql: only here"):
        publish(Release("0.1.0", more.folder, sums), shelf)
    assert {*shelf.names()} == {*small.sums, "SHA256SUMS"}


def test_a_file_that_was_changed_in_the_bucket_is_noticed(small: Release, shelf: Shelf, s3: Any):
    publish(small, shelf)
    s3.put_object(Bucket=shelf.bucket, Key="releases/0.1.0/headgate-0.1.0-py3-none-any.whl", Body=b"another")
    with pytest.raises(CannotDeploy, match=r"headgate-0\.1\.0-py3-none-any\.whl: other content"):
        publish(small, shelf)


def test_a_file_in_the_bucket_that_the_release_does_not_have_is_noticed(small: Release, shelf: Shelf, s3: Any):
    s3.put_object(Bucket=shelf.bucket, Key="releases/0.1.0/contracts/forgotten.yaml", Body=b"x")
    with pytest.raises(CannotDeploy, match=r"contracts/forgotten\.yaml: only in the bucket"):
        publish(small, shelf)
    assert "release.json" not in {*shelf.names()}


def test_many_differences_are_counted(small: Release, shelf: Shelf, s3: Any):
    for number in range(12):
        s3.put_object(Bucket=shelf.bucket, Key=f"releases/0.1.0/more/{number:02}", Body=b"x")
    with pytest.raises(CannotDeploy, match="and 2 more"):
        publish(small, shelf)


def test_an_upload_that_broke_off_is_no_release_and_the_same_command_finishes_it(
    small: Release, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    whole = Shelf.put_once

    def until_the_wheel(self: Shelf, name: str, file: Path, sha256: str) -> bool:
        if name.endswith(".whl"):
            raise KeyboardInterrupt
        return whole(self, name, file, sha256)

    with monkeypatch.context() as broken:
        broken.setattr(Shelf, "put_once", until_the_wheel)
        with pytest.raises(KeyboardInterrupt):
            publish(small, shelf)
    assert "release.json" not in {*shelf.names()}
    assert publish(small, shelf) is True
    assert {*shelf.names()} == {*small.sums, "SHA256SUMS"}


def test_of_two_releasers_with_other_content_one_wins_whole_and_the_other_is_refused(
    account: Account, small: Release, tmp_path: Path
):
    releases = [small, small_release(tmp_path / "other", "two")]
    for attempt in range(10):
        version, ended = f"0.1.{attempt}", {}
        start = threading.Barrier(2)

        def go(at: int, version: str = version, ended: Any = ended, start: threading.Barrier = start) -> None:
            shelf = Shelf(account.session.client("s3", region_name=account.region), account.artifacts_bucket, version)
            start.wait()
            try:
                ended[at] = publish(releases[at], shelf)
            except CannotDeploy:
                ended[at] = "refused"

        threads = [threading.Thread(target=go, args=(at,)) for at in (0, 1)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        assert sorted(map(str, ended.values())) == ["True", "refused"]
        winner = releases[0 if ended[0] is True else 1]
        shelf = Shelf(account.s3, account.artifacts_bucket, version)
        assert {name: shelf.sha256(name) for name in winner.sums} == winner.sums


def test_a_put_that_meets_another_one_is_tried_again_and_given_up_with_a_message(
    small: Release, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
):
    tried: list[str] = []

    def conflict(**asked: Any) -> None:
        tried.append(asked["Key"])
        raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    monkeypatch.setattr(shelf.s3, "put_object", conflict)
    with pytest.raises(CannotDeploy, match="another upload keeps being under way"):
        publish(small, shelf)
    assert len(tried) == 3


def test_checksums_that_are_none_are_refused(small: Release, shelf: Shelf, s3: Any):
    s3.put_object(Bucket=shelf.bucket, Key="releases/0.1.0/SHA256SUMS", Body=b"0" * 64 + b"  ../../etc/passwd\n")
    with pytest.raises(CannotDeploy, match=r"`0{64}  \.\./\.\./etc/passwd` is no line of checksums"):
        publish(small, shelf)
