"""What a run of a Glue job does in the account in its role's name: it fetches files, and leaves logs and event files.

Runs in the emulator's Python.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.aws.credentials import Credentials

_LOG_LINES = 5000  # the last ones
_EVENTS_PER_CALL = 1000


@dataclass(frozen=True)
class RoleSession:
    """The account, with the credentials of the job's role; `fetched` is a folder for files that many runs fetch."""

    endpoint: str
    region: str
    credentials: Credentials
    fetched: Path

    def env(self) -> dict[str, str]:
        """The same, for the job's own process."""
        return {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint,
            **self.credentials.environment(),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def fetch(self, address: str, folder: Path) -> Path:
        """Fetch a file of a bucket. Raises `FileNotFoundError` when it does not exist, or may not be read."""
        target, answer = _target(address, folder), self._ask("get_object", address)
        with target.open("wb") as file:
            shutil.copyfileobj(answer["Body"], file)
        return target

    def fetch_once(self, address: str, folder: Path) -> Path:
        """The same for a file that many runs fetch: only the first run downloads it.

        Each run asks for it (`HeadObject` takes the right to read it).
        """
        tag = self._ask("head_object", address)["ETag"]
        self.fetched.mkdir(parents=True, exist_ok=True)
        copy = self.fetched / tag.strip('"')
        if copy.exists():
            target = _target(address, folder)
            os.link(copy, target)
            return target
        target = self.fetch(address, folder)
        with contextlib.suppress(FileExistsError):  # runs that begin at the same time each fetch it
            os.link(target, copy)
        return target

    def write_log(self, group: str, stream: str, file: Path) -> None:
        """Put the last lines of a file into a stream of a log group."""
        logs, now = self._client("logs"), int(file.stat().st_mtime * 1000)
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        lines = file.read_text(errors="replace").splitlines()
        events = [{"timestamp": now, "message": line} for line in lines if line.strip()][-_LOG_LINES:]
        for start in range(0, len(events), _EVENTS_PER_CALL):
            part = events[start : start + _EVENTS_PER_CALL]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=part)

    def upload(self, file: Path, address: str) -> None:
        """Put a file to an address of S3."""
        bucket, key = _bucket_and_key(address)
        self._client("s3").put_object(Bucket=bucket, Key=key, Body=file.read_bytes())

    def _ask(self, call: str, address: str) -> Any:
        bucket, key = _bucket_and_key(address)
        try:
            return getattr(self._client("s3"), call)(Bucket=bucket, Key=key)
        except ClientError as error:
            raise FileNotFoundError(f"{address} cannot be fetched: {error}") from error

    def _client(self, service: str) -> Any:
        return self.credentials.client(service, self.endpoint, self.region)


def _bucket_and_key(address: str) -> tuple[str, str]:
    if not address.startswith("s3://"):
        raise ValueError(f"{address} must be an address of S3 (s3://bucket/key)")
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def _target(address: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / address.rpartition("/")[2]
