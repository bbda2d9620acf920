"""Releases in the artifacts bucket: each is written once, file by file, and never changed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.account import Absent, aws, error_code
from headgate.deploy.digest import SUMS, differences, read_sums
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.release import DESCRIPTION, Release

# Terraform reads release.json, and it reads a body only if its content type is JSON or text.
_CONTENT_TYPES = {".json": "application/json", ".yaml": "text/plain", ".yml": "text/plain", ".sql": "text/plain",
                  ".py": "text/plain", "": "text/plain"}  # fmt: skip
_SHOWN = 10
_ATTEMPTS = 3
_KEY_EXISTS = ("PreconditionFailed", "412")
_CONCURRENT_PUT = ("ConditionalRequestConflict", "409")  # another put of the same key was in progress


@dataclass(frozen=True)
class RemoteRelease:
    """One release in a bucket: the objects below `releases/<version>/`."""

    s3: Any
    bucket: str
    version: str

    @property
    def prefix(self) -> str:
        """The prefix of its keys."""
        return f"releases/{self.version}/"

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises `Absent` when it does not exist."""
        with aws(f"{self}{name}"):
            return self.s3.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()

    def names(self) -> Iterator[str]:
        """Yield the name of each file of the release in the bucket."""
        with aws(str(self)):
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                yield from (item["Key"].removeprefix(self.prefix) for item in page.get("Contents", ()))

    def sha256(self, name: str) -> str:
        """Return a file's SHA-256: the one that S3 stored at the upload, else computed from the content."""
        with aws(f"{self}{name}"):
            head = self.s3.head_object(Bucket=self.bucket, Key=self.prefix + name, ChecksumMode="ENABLED")
        stored = head.get("ChecksumSHA256", "")
        if stored and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
            return base64.b64decode(stored).hex()
        return hashlib.sha256(self.read(name)).hexdigest()

    def put_once(self, name: str, file: Path, sha256: str) -> bool:
        """Upload a file unless its key exists; return whether this call wrote it."""
        for _ in range(_ATTEMPTS):
            try:
                with file.open("rb") as body:
                    self.s3.put_object(
                        Bucket=self.bucket,
                        Key=self.prefix + name,
                        Body=body,
                        ContentType=_CONTENT_TYPES.get(file.suffix, "application/octet-stream"),
                        IfNoneMatch="*",
                        ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                    )
                return True
            except ClientError as error:
                if error_code(error) in _KEY_EXISTS:
                    return False
                if error_code(error) not in _CONCURRENT_PUT:
                    with aws(f"{self}{name}"):
                        raise
        raise CannotDeploy("another upload of this file is in progress", where=f"{self}{name}", remedy="Try again.")


def upload(release: Release, remote: RemoteRelease, report: Callable[[str], None] = lambda line: None) -> bool:
    """Upload a release; return False when every file was in the bucket already, with the same content.

    SHA256SUMS goes first: its first writer owns the version. release.json goes last: Terraform accepts no release
    without it, so an interrupted upload does not count as a release, and the same command finishes it. Raises
    `CannotDeploy` when the version exists with different content, in its checksums or in any file.
    """
    sums_sha256 = hashlib.sha256(release.text.encode()).hexdigest()
    wrote = remote.put_once(SUMS, release.folder / SUMS, sums_sha256)
    _refuse(remote, differences(release.sums, read_sums(remote.read(SUMS).decode(), f"{remote}{SUMS}")))
    unknown = sorted({*remote.names()} - {SUMS, *release.sums})
    _refuse(remote, [f"{name}: only in the bucket" for name in unknown])
    for name in [*(path for path in release.sums if path != DESCRIPTION), DESCRIPTION]:
        wrote |= _upload_file(remote, release, name, report)
    return wrote


def _upload_file(remote: RemoteRelease, release: Release, name: str, report: Callable[[str], None]) -> bool:
    try:
        existing = remote.sha256(name)
    except Absent:
        report(f"uploading {name}")
        if remote.put_once(name, release.folder / name, release.sums[name]):
            return True
        existing = remote.sha256(name)
    _refuse(remote, differences({name: release.sums[name]}, {name: existing}))
    return False


def _refuse(remote: RemoteRelease, differing: list[str]) -> None:
    if differing:
        more = [f"and {len(differing) - _SHOWN} more"] if len(differing) > _SHOWN else []
        raise CannotDeploy(
            f"release {remote.version} exists with different content:\n  " + "\n  ".join([*differing[:_SHOWN], *more]),
            where=str(remote),
            remedy="A release is never changed. Raise `version` in pyproject.toml and release that version.",
        )
