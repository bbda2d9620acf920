"""Terraform for real, through python-terraform: a copy of terraform/ that is applied to the emulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from emulator import ACCOUNT, REGION, Emulator
from mocked_plan import LAKE, RELEASE_FILES, TERRAFORM
from python_terraform import IsFlagged, IsNotFlagged, Terraform

# A lake as its owner would describe it; account and region are the emulator's, and the mocks'.
SETTINGS: Mapping[str, object] = {
    "name": "test",
    "environment": "test",
    "region": REGION,
    "allowed_regions": [REGION],
    "allowed_account_ids": [ACCOUNT],
    "release": "0.1.0",
    "masking_secret": "test/masking",
    "protected": False,
    "monthly_budget_usd": 10,
    "athena_scan_limit_gb": 1,
    "athena_daily_limit_gb": 10,
    "notify_emails": ["ops@example.org"],
    "github_repository": "example/lake",
    "verify": True,
    "tags": {"Team": "data"},
}

# What somebody changes later: another release, and values that touch every kind of resource that can be changed.
CHANGED: Mapping[str, object] = {
    **SETTINGS,
    "environment": "changed",
    "release": "0.2.0",
    "window_min": 10,
    "log_retention_days": 60,
    "monthly_budget_usd": 20,
    "athena_scan_limit_gb": 2,
    "athena_daily_limit_gb": 20,
    "notify_emails": ["others@example.org"],
    "tags": {"Owner": "data"},
    "trusted_principals": {"analyst": [f"arn:aws:iam::{ACCOUNT}:role/people"]},
}

# Everything else that Terraform has to know of the emulator comes from the environment.
OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'


@contextmanager
def speaking_to(emulator: Emulator, terraform_env: Mapping[str, str]) -> Iterator[None]:
    """Within the block Terraform speaks to the emulator: python-terraform gives it this process's environment."""
    env = {**emulator.env(terraform_env), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    with mock.patch.dict(os.environ, env, clear=True):
        yield


def copy(folder: Path) -> Path:
    """A copy of terraform/ with the provider's override in each folder that is applied."""
    at = folder / "terraform"
    shutil.copytree(TERRAFORM, at, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    for one in (at, at / "bootstrap"):
        (one / "emulator_override.tf").write_text(OVERRIDE)
    return at


class Applied:
    """One folder of Terraform with its variables; every command that fails raises with what Terraform said."""

    def __init__(self, at: Path, variables: Mapping[str, Any]) -> None:
        self._at, self._variables = at, dict(variables)
        self._terraform = Terraform(working_dir=str(at), variables=dict(variables))

    def _did(self, answer: tuple[int, str, str], fine: tuple[int, ...] = (0,)) -> str:
        code, out, err = answer
        assert code in fine, f"terraform in {self._at.name} ended with {code}:\n{err or out[-4000:]}"
        return out

    def _run(self, command: str, *words: str, **options: Any) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # python-terraform's log.warn, where a command fails
            answer = getattr(self._terraform, command)(*words, **options)
        return self._did(answer, fine=(0, 2) if command == "plan" else (0,))

    def init(self, **backend: str) -> None:
        """Initialise, with the backend's settings where it has one."""
        self._run("init", backend_config=backend)

    def apply(self, *targets: str, refresh: bool = True) -> None:
        """Apply everything, or the targets alone; without refresh, as the state remembers what is there."""
        options = {} if refresh else {"refresh": "false"}
        self._run("apply", skip_plan=True, **options, **({"target": list(targets)} if targets else {}))

    def plan(self, lock: bool = True) -> dict[str, Any]:
        """What a plan would do now, in Terraform's JSON; without the lock, as those plan who may only look."""
        self._run("plan", out="next.tfplan", lock=str(lock).lower())
        return json.loads(self._run("show_cmd", "next.tfplan", json=IsFlagged))

    def state(self) -> list[str]:
        """The address of every resource in the state."""
        return self._run("cmd", "state list").split()

    def destroy(self) -> None:
        """Destroy everything."""
        self._run("destroy", force=IsNotFlagged, auto_approve=IsFlagged)


def lake(at: Path, settings: Mapping[str, object] = SETTINGS, of: Path = LAKE) -> Applied:
    """The root folder, on the tests' own contracts; its state lies in the bucket that bootstrap made."""
    return Applied(at, {**settings, "contracts_dir": str(of / "contracts"), "sql_dir": str(of / "sql")})


def grown(folder: Path) -> Path:
    """The tests' contracts later: another description of a table, and a mart more."""
    at = folder / "grown"
    shutil.copytree(LAKE, at)
    visits, revenue = (at / "contracts" / "shop" / f"{name}.yaml" for name in ("visits", "revenue"))
    visits.write_text(visits.read_text().replace("One row per page seen.", "One row per page and day."))
    revenue.with_stem("income").write_text(revenue.read_text().replace("revenue", "income"))
    (at / "sql" / "marts" / "income.sql").write_text((at / "sql" / "marts" / "revenue.sql").read_text())
    return at


def backend() -> dict[str, str]:
    """What README.md tells `terraform init`, and that the emulator's buckets are named in the path."""
    bucket = f"headgate-state-{ACCOUNT}-{REGION}"
    return {"bucket": bucket, "region": REGION, "key": "test.tfstate", "use_path_style": "true"}


def put_release(emulator: Emulator, version: str = "0.1.0", of: Path = LAKE) -> None:
    """A release by its real keys: release.json says what Terraform checks, the other parts are a byte each."""
    s3, bucket = emulator.client("s3"), f"headgate-artifacts-{ACCOUNT}-{REGION}"
    for name in RELEASE_FILES:
        s3.put_object(Bucket=bucket, Key=f"releases/{version}/{name.replace('0.1.0', version)}", Body=b"-")
    said = json.dumps({"version": version, "contracts_sha256": contracts_sha256(of)}).encode()
    key = f"releases/{version}/release.json"
    s3.put_object(Bucket=bucket, Key=key, Body=said, ContentType="application/json")  # Terraform reads only texts


def contracts_sha256(of: Path = LAKE) -> str:
    """By the command in README.md, not by Terraform."""
    readme = (TERRAFORM / "README.md").read_text()
    command = readme.partition("`(cd contracts && ")[2].partition(")`")[0]
    assert command, "terraform/README.md no longer says how contracts_sha256 is computed"
    done = subprocess.run(["sh", "-c", command], cwd=of / "contracts", capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def unbootstrapped(at: Path, emulator: Emulator) -> Applied:
    """The root folder with its state beside it, and what it reads of bootstrap put there by hand."""
    (at / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    kms = emulator.client("kms")
    kms.create_alias(AliasName="alias/headgate-artifacts", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    bucket, place = f"headgate-artifacts-{ACCOUNT}-{REGION}", {"LocationConstraint": REGION}
    emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    put_release(emulator)
    one = lake(at)
    one.init()
    return one
