"""What a run of a Glue job asks of the account, in its role's name: files that it fetches, and what it leaves."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

_LINES = 5000  # of a log, the last ones
_AT_ONCE = 1000


@dataclass(frozen=True)
class Account:
    """The account, with the credentials of the job's role; `kept` is a folder for files that many runs fetch."""

    endpoint: str
    region: str
    credentials: Mapping[str, str]
    kept: Path

    def env(self) -> dict[str, str]:
        """The same, for the job's own process."""
        return {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self.credentials["SessionToken"],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def fetch(self, address: str, folder: Path) -> Path:
        """A file of a bucket. Raises `FileNotFoundError` when it is not there, or may not be read."""
        target, found = _target(address, folder), self._ask("get_object", address)
        with target.open("wb") as file:
            shutil.copyfileobj(found["Body"], file)
        return target

    def fetch_once(self, address: str, folder: Path) -> Path:
        """The same for a file that many runs fetch: it is asked for by each (`HeadObject` takes the right to read it),
        and sent where no run has had it yet."""
        tag = self._ask("head_object", address)["ETag"]
        self.kept.mkdir(parents=True, exist_ok=True)
        kept = self.kept / tag.strip('"')
        if kept.exists():
            target = _target(address, folder)
            os.link(kept, target)
            return target
        target = self.fetch(address, folder)
        with contextlib.suppress(FileExistsError):  # runs that began at once fetch it each
            os.link(target, kept)
        return target

    def keep_log(self, group: str, stream: str, file: Path) -> None:
        """Put the last lines of a file into a stream of a log group."""
        logs, now = self._client("logs"), int(file.stat().st_mtime * 1000)
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        lines = file.read_text(errors="replace").splitlines()
        events = [{"timestamp": now, "message": line} for line in lines if line.strip()][-_LINES:]
        for start in range(0, len(events), _AT_ONCE):
            part = events[start : start + _AT_ONCE]
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=part)

    def keep_file(self, address: str, file: Path) -> None:
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
        return botocore.session.Session().create_client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
            config=Config(s3={"addressing_style": "path"}, inject_host_prefix=False, retries={"max_attempts": 2}),
        )


def _bucket_and_key(address: str) -> tuple[str, str]:
    if not address.startswith("s3://"):
        raise ValueError(f"{address} is no address of S3")
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return bucket, key


def _target(address: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / address.rpartition("/")[2]
