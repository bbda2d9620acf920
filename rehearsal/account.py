"""The account that an emulator serves: the environment in which AWS means the emulator, and clients for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"  # the emulator reads an access key of twelve digits as the account's own
REGION = "eu-west-1"
_OWN_ACCOUNT = ("AWS_", "TF_VAR_", "TF_WORKSPACE", "TF_DATA_DIR")  # a developer may have set these for a real account


def without_own_account(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment without what a developer has set for an account of their own."""
    return {name: text for name, text in base.items() if not name.startswith(_OWN_ACCOUNT)}


@dataclass(frozen=True)
class EmulatedAccount:
    """The account of a running emulator, by the emulator's address."""

    endpoint: str

    def env(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """The environment in which AWS means this emulator, and nothing else."""
        return {
            **without_own_account(base),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str) -> Any:
        """A client of one service under the account's own key; S3's bucket names go into the path."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="none",
            config=Config(
                s3={"addressing_style": "path"},
                inject_host_prefix=False,
                max_pool_connections=16,
                retries={"max_attempts": 1},
            ),
        )
