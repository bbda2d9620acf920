from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

sys.path.insert(0, str(Path(__file__).parent))

from deploy_bench import PLACE, REGION, Console, make_checkout, small_release

from headgate.deploy.account import Account, signed_in
from headgate.deploy.checkout import Checkout
from headgate.deploy.release import Release, build_release
from headgate.deploy.release_bucket import RemoteRelease


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Console:
    """Call `python -m headgate.deploy` with arguments."""
    return Console(monkeypatch, capfd)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody is signed in to AWS, even if this machine has credentials."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "DEFAULT_REGION", "REGION",
                 "ENDPOINT_URL", "WEB_IDENTITY_TOKEN_FILE", "ROLE_ARN", "CONTAINER_CREDENTIALS_RELATIVE_URI",
                 "CONTAINER_CREDENTIALS_FULL_URI"):  # fmt: skip
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def somebody(nobody: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Somebody is signed in to an empty account of moto."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield signed_in(REGION)


@pytest.fixture
def account(somebody: Account) -> Account:
    """An account with bootstrap's buckets."""
    for bucket in (somebody.state_bucket, somebody.artifacts_bucket):
        somebody.s3.create_bucket(Bucket=bucket, **PLACE)
    return somebody


@pytest.fixture
def s3(account: Account) -> Any:
    """An S3 client of that account."""
    return boto3.client("s3", region_name=REGION)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A built release, shared by all tests of a worker; no test changes it."""
    folder = tmp_path_factory.mktemp("released")
    return build_release(make_checkout(folder / "checkout"), "0.1.0", folder / "out")


@pytest.fixture
def source(tmp_path: Path) -> Checkout:
    """A checkout that the test may change."""
    return make_checkout(tmp_path / "checkout")


@pytest.fixture
def small(tmp_path: Path) -> Release:
    """A small release, for tests of the upload."""
    return small_release(tmp_path / "small", "one")


@pytest.fixture
def remote(account: Account) -> RemoteRelease:
    """Release 0.1.0 in the artifacts bucket."""
    return RemoteRelease(account.s3, account.artifacts_bucket, "0.1.0")
