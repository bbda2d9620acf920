"""The AWS emulator as an account: its environment, and clients for it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from aws_emulator import emulator

ACCOUNT = "123456789012"  # MiniStack takes an access key of twelve digits for the account
REGION = "eu-west-1"
THEIRS = ("AWS_", "TF_VAR_", "TF_WORKSPACE", "TF_DATA_DIR")  # what a developer has set for an account of their own


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    endpoint: str

    def env(self, base: Mapping[str, str]) -> dict[str, str]:
        """The environment in which AWS means this emulator, and nothing else."""
        kept = {name: value for name, value in base.items() if not name.startswith(THEIRS)}
        return {
            **kept,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A client of one service; `s3` with names of buckets in the path, since a port has no sub-domains."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="none",
            config=Config(s3={"addressing_style": "path"}, inject_host_prefix=False, max_pool_connections=16),
        )


@contextmanager
def running(folder: Path) -> Iterator[Emulator]:
    """Start the emulator with its files in `folder`; it ends with the block."""
    with emulator(folder) as address:
        yield Emulator(address)


def patiently(look: Callable[[], object], seconds: float = 60) -> None:
    """Look until it says yes; what AWS does not know yet is no answer."""
    until, last = time.monotonic() + seconds, "none"
    while time.monotonic() < until:
        try:
            if look():
                return
            last = "no"
        except ClientError as refused:
            last = str(refused)
        time.sleep(0.1)
    raise AssertionError(f"waited for {seconds} seconds in vain; the last answer was: {last}")
