"""Releases in the artifacts bucket: each is written once, file by file, and never changed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from headgate.deploy.account import Absent, aws
from headgate.deploy.digest import SUMS, differences, read_sums
from headgate.deploy.errors import CannotDeploy
from headgate.deploy.release import DESCRIPTION, Release

# Terraform reads only the body of what is marked as JSON or text, and it reads release.json.
_KINDS = {".json": "application/json", ".yaml": "text/plain", ".yml": "text/plain", ".sql": "text/plain",
          ".py": "text/plain", "": "text/plain"}  # fmt: skip
_SHOWN = 10
_TRIES = 3
_TAKEN = ("PreconditionFailed", "412")
_MEANWHILE = ("ConditionalRequestConflict", "409")  # another put of the same key was under way


@dataclass(frozen=True)
class Shelf:
    """The place of one release: `releases/<version>/` in a bucket."""

    s3: Any
    bucket: str
    version: str

    @property
    def prefix(self) -> str:
        """What its keys begin with."""
        return f"releases/{self.version}/"

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def read(self, name: str) -> bytes:
        """A file's content. Raises `Absent` when it is not there."""
        with aws(f"{self}{name}"):
            return self.s3.get_object(Bucket=self.bucket, Key=self.prefix + name)["Body"].read()

    def names(self) -> Iterator[str]:
        """Every file of the release that is there."""
        with aws(str(self)):
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix):
                yield from (one["Key"].removeprefix(self.prefix) for one in page.get("Contents", ()))

    def sha256(self, name: str) -> str:
        """A file's SHA-256: the one S3 has kept since the upload, or, where it kept none, that of its content."""
        with aws(f"{self}{name}"):
            said = self.s3.head_object(Bucket=self.bucket, Key=self.prefix + name, ChecksumMode="ENABLED")
        kept = said.get("ChecksumSHA256", "")
        if kept and said.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
            return base64.b64decode(kept).hex()
        return hashlib.sha256(self.read(name)).hexdigest()

    def put_once(self, name: str, file: Path, sha256: str) -> bool:
        """Upload a file unless its key is taken, by whomever; True when it was this call that wrote it."""
        for _ in range(_TRIES):
            try:
                with file.open("rb") as body:
                    self.s3.put_object(
                        Bucket=self.bucket,
                        Key=self.prefix + name,
                        Body=body,
                        ContentType=_KINDS.get(file.suffix, "application/octet-stream"),
                        IfNoneMatch="*",
                        ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                    )
                return True
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _TAKEN:
                    return False
                if code not in _MEANWHILE:
                    with aws(f"{self}{name}"):
                        raise
        raise CannotDeploy("another upload keeps being under way", where=f"{self}{name}", remedy="Try again.")


def publish(release: Release, shelf: Shelf, tell: Callable[[str], None] = lambda line: None) -> bool:
    """Put a release on its shelf; False when it was there already, the same in every file.

    SHA256SUMS goes first: whoever writes it owns the version. release.json goes last: without it Terraform does not
    take the release, so an upload that broke off is not one; the same command finishes it. Raises `CannotDeploy` when
    the version is there with other content, in its checksums or in any file.
    """
    sums_sha256 = hashlib.sha256(release.text.encode()).hexdigest()
    wrote = shelf.put_once(SUMS, release.folder / SUMS, sums_sha256)
    _refuse_other_content(shelf, release.sums, read_sums(shelf.read(SUMS).decode(), f"{shelf}{SUMS}"))
    strangers = sorted({*shelf.names()} - {SUMS, *release.sums})
    _refuse(shelf, [f"{name}: only in the bucket" for name in strangers])
    for name in [*(one for one in release.sums if one != DESCRIPTION), DESCRIPTION]:
        wrote |= _put(shelf, release, name, tell)
    return wrote


def _put(shelf: Shelf, release: Release, name: str, tell: Callable[[str], None]) -> bool:
    try:
        there = shelf.sha256(name)
    except Absent:
        tell(f"uploading {name}")
        if shelf.put_once(name, release.folder / name, release.sums[name]):
            return True
        there = shelf.sha256(name)
    _refuse_other_content(shelf, {name: release.sums[name]}, {name: there})
    return False


def _refuse_other_content(shelf: Shelf, ours: dict[str, str], theirs: dict[str, str]) -> None:
    _refuse(shelf, differences(ours, theirs))


def _refuse(shelf: Shelf, differing: list[str]) -> None:
    if differing:
        more = [f"and {len(differing) - _SHOWN} more"] if len(differing) > _SHOWN else []
        raise CannotDeploy(
            f"release {shelf.version} is there with other content:\n  " + "\n  ".join([*differing[:_SHOWN], *more]),
            where=str(shelf),
            remedy="A release is never changed. Raise `version` in pyproject.toml and release that one.",
        )
