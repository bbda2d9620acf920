"""The real Terraform, through python-terraform: a copy of terraform/ that is applied to the emulator."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from emulator import ACCOUNT, REGION, EmulatedAccount
from mocked_plan import LAKE, RELEASE_FILES, TERRAFORM
from mocked_plan import SETTINGS as MOCKED
from python_terraform import IsFlagged, IsNotFlagged, Terraform

# The lake of the mocked plans, in the emulator's account and unprotected, so that it can be destroyed.
SETTINGS: Mapping[str, object] = {
    **MOCKED,
    "region": REGION,
    "allowed_regions": [REGION],
    "allowed_account_ids": [ACCOUNT],
    "protected": False,
    "tags": {"Team": "data"},
}

# Later changes: another release, and values that change every kind of resource that can be changed.
CHANGED: Mapping[str, object] = {
    **SETTINGS,
    "environment": "changed",
    "release": "0.2.0",
    "window_min": 10,
    "log_retention_days": 60,
    "event_function": {"memory_mb": 2048, "timeout_s": 60, "concurrency": 5, "reserve": False},
    "monthly_budget_usd": 20,
    "athena_scan_limit_gb": 2,
    "athena_daily_limit_gb": 20,
    "notify_emails": ["others@example.org"],
    "tags": {"Owner": "data"},
    "trusted_principals": {"analyst": [f"arn:aws:iam::{ACCOUNT}:role/people"]},
}

# Environment variables set everything else for the emulator.
OVERRIDE = 'provider "aws" {\n  s3_use_path_style = true\n}\n'


@contextmanager
def using(emulator: EmulatedAccount, terraform_env: Mapping[str, str]) -> Iterator[None]:
    """Within the block Terraform uses the emulator: python-terraform passes on this process's environment."""
    env = {**emulator.env(terraform_env), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    with mock.patch.dict(os.environ, env, clear=True):
        yield


def copy(folder: Path) -> Path:
    """A copy of terraform/ with the provider's override in each folder that is applied."""
    at = folder / "terraform"
    shutil.copytree(TERRAFORM, at, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    for root in (at, at / "bootstrap"):
        (root / "emulator_override.tf").write_text(OVERRIDE)
    return at


class Applied:
    """One folder of Terraform with its variables; a command that fails raises with Terraform's output."""

    def __init__(self, at: Path, variables: Mapping[str, Any]) -> None:
        self._at, self._variables = at, dict(variables)
        self._terraform = Terraform(working_dir=str(at), variables=dict(variables))

    def _run(self, command: str, *words: str, **options: Any) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # python-terraform calls log.warn if a command fails
            code, out, err = getattr(self._terraform, command)(*words, **options)
        expected = (0, 2) if command == "plan" else (0,)
        assert code in expected, f"terraform in {self._at.name} ended with {code}:\n{err or out[-4000:]}"
        return out

    def init(self, **backend: str) -> None:
        """Initialise, with the backend's settings if the folder has a backend."""
        self._run("init", backend_config=backend)

    def apply(self, *targets: str, refresh: bool = True) -> None:
        """Apply everything, or only the targets; without refresh, Terraform trusts its state."""
        options = {} if refresh else {"refresh": "false"}
        self._run("apply", skip_plan=True, **options, **({"target": list(targets)} if targets else {}))

    def plan(self, lock: bool = True) -> dict[str, Any]:
        """The plan now, in Terraform's JSON; without the lock, as a role plans that may only read."""
        self._run("plan", out="next.tfplan", lock=str(lock).lower())
        return json.loads(self._run("show_cmd", "next.tfplan", json=IsFlagged))

    def state(self) -> list[str]:
        """The address of every resource in the state."""
        return self._run("cmd", "state list").split()

    def destroy(self, refresh: bool = True) -> None:
        """Destroy everything; without refresh, Terraform trusts its state."""
        options = {} if refresh else {"refresh": "false"}
        self._run("destroy", force=IsNotFlagged, auto_approve=IsFlagged, **options)


def lake(at: Path, settings: Mapping[str, object] = SETTINGS, of: Path = LAKE) -> Applied:
    """The root folder with the tests' own contracts; its state is in the bucket that bootstrap created."""
    return Applied(at, {**settings, "contracts_dir": str(of / "contracts"), "sql_dir": str(of / "sql")})


def grown(folder: Path) -> Path:
    """The tests' contracts after a change: another description of a table, and one more mart."""
    at = folder / "grown"
    shutil.copytree(LAKE, at)
    visits, revenue = (at / "contracts" / "shop" / f"{name}.yaml" for name in ("visits", "revenue"))
    visits.write_text(visits.read_text().replace("One row per page seen.", "One row per page and day."))
    revenue.with_stem("income").write_text(revenue.read_text().replace("revenue", "income"))
    (at / "sql" / "marts" / "income.sql").write_text((at / "sql" / "marts" / "revenue.sql").read_text())
    return at


def backend() -> dict[str, str]:
    """The settings for `terraform init` from README.md, with bucket names in the path for the emulator."""
    bucket = f"headgate-state-{ACCOUNT}-{REGION}"
    return {"bucket": bucket, "region": REGION, "key": "test/test.tfstate", "use_path_style": "true"}


def put_release(emulator: EmulatedAccount, version: str = "0.1.0", of: Path = LAKE) -> None:
    """Put a release under its real keys: release.json with what Terraform checks, the other parts with little in them.

    A function is created only from a readable zip.
    """
    s3, bucket = emulator.client("s3"), f"headgate-artifacts-{ACCOUNT}-{REGION}"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as files:
        files.writestr("handler.py", f"VERSION = '{version}'\n")
    for name in RELEASE_FILES:
        body = code.getvalue() if name.startswith("lambdas/") else b"-"
        s3.put_object(Bucket=bucket, Key=f"releases/{version}/{name.replace('0.1.0', version)}", Body=body)
    release = json.dumps({"version": version, "contracts_sha256": contracts_sha256(of)}).encode()
    key = f"releases/{version}/release.json"
    s3.put_object(Bucket=bucket, Key=key, Body=release, ContentType="application/json")  # Terraform reads only texts


def contracts_sha256(of: Path = LAKE) -> str:
    """Compute the hash by the command in README.md, not by Terraform."""
    readme = (TERRAFORM / "README.md").read_text()
    command = readme.partition("`(cd contracts && ")[2].partition(")`")[0]
    assert command, "terraform/README.md no longer shows how to compute contracts_sha256"
    done = subprocess.run(["sh", "-c", command], cwd=of / "contracts", capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def unbootstrapped(at: Path, emulator: EmulatedAccount) -> Applied:
    """The root folder with a local state; what it reads of bootstrap is created by hand."""
    (at / "backend_override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    kms = emulator.client("kms")
    kms.create_alias(AliasName="alias/headgate-artifacts", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    bucket, place = f"headgate-artifacts-{ACCOUNT}-{REGION}", {"LocationConstraint": REGION}
    emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    put_release(emulator)
    root = lake(at)
    root.init()
    return root
