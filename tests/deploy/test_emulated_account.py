"""Release, plan, apply and rollback with the real Terraform and the real AWS provider, on an emulator of AWS."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from deploy_bench import PLACE, REGION, changed, make_checkout, set_version

from aws_emulator import emulator
from headgate.deploy.checkout import Checkout

pytestmark = pytest.mark.needs("terraform", "ministack")
ACCOUNT = "000000000000"
STATE, ARTIFACTS = (f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))


@dataclass(frozen=True)
class Cloud:
    """The emulator, and the environment variables with which programs use it as AWS."""

    env: Mapping[str, str]

    def client(self, name: str) -> Any:
        given = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
        return boto3.client(name, endpoint_url=self.env["AWS_ENDPOINT_URL"], **given)

    def deploy(self, source: Checkout, *words: str) -> tuple[int, str]:
        """Run `python -m headgate.deploy` in a separate process."""
        done = subprocess.run(
            [sys.executable, "-m", "headgate.deploy", *words], cwd=source.root, env=dict(self.env),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return done.returncode, " ".join(done.stdout.replace("│", " ").split())


@pytest.fixture
def cloud(tmp_path: Path, terraform_env: dict[str, str]) -> Iterator[Cloud]:
    """An empty emulator on the loopback address."""
    with emulator(tmp_path) as address:
        signed_in = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": address,
                     "AWS_EC2_METADATA_DISABLED": "true", "TF_CLI_ARGS": "-no-color"}  # fmt: skip
        yield Cloud({**terraform_env, **signed_in})


@pytest.fixture
def bootstrapped(cloud: Cloud) -> Cloud:
    """Create bootstrap's resources directly, because Terraform waits a minute for each bucket's lifecycle."""
    for bucket in (STATE, ARTIFACTS):
        cloud.client("s3").create_bucket(Bucket=bucket, **PLACE)
    key = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]
    cloud.client("kms").create_alias(AliasName="alias/headgate-artifacts", TargetKeyId=key)
    return cloud


def test_a_release_is_planned_and_differing_sources_are_refused(bootstrapped: Cloud, source: Checkout):
    deploy = bootstrapped.deploy
    code, output = deploy(source, "plan", "--env", "dev")
    assert code == 1 and "make release VERSION=0.1.0" in output

    code, output = deploy(source, "release", "--version", "0.1.0", "--env", "dev")
    assert code == 0 and "Released 0.1.0" in output, output
    code, output = deploy(source, "release", "--version", "0.1.0", "--env", "dev")
    assert code == 0 and "exists already with the same content" in output, output

    code, output = deploy(source, "plan", "--env", "dev")
    assert code == 0 and "0 to change, 0 to destroy" in output and "Planned release 0.1.0" in output, output
    assert f"s3://{ARTIFACTS}/releases/0.1.0/wheelhouse.gluewheels.zip" in output

    contract, query = source.contracts / "shop" / "orders.yaml", source.sql / "marts" / "revenue.sql"
    with changed(contract, contract.read_text() + "# a comment\n"):
        code, output = deploy(source, "plan", "--env", "dev")
        assert code == 1 and "are not those of release 0.1.0" in output, output
        code, output = deploy(source, "release", "--version", "0.1.0", "--env", "dev")
        assert (
            code == 1
            and "contracts/shop/orders.yaml: different content" in output
            and "release.json: different" in output
        ), output
    with changed(query, query.read_text() + "-- a comment\n"):
        code, output = deploy(source, "plan", "--env", "dev")
        assert code == 1 and "is not that of release 0.1.0" in output and "The SQL in" in output, output


@pytest.mark.deep
def test_two_releases_are_applied_and_the_first_is_restored(bootstrapped: Cloud, source: Checkout):
    deploy, glue = bootstrapped.deploy, bootstrapped.client("glue")
    env, contract = source.environments / "dev.tfvars", source.contracts / "shop" / "orders.yaml"

    def script() -> str:
        return glue.get_job(JobName="lake-refine-orders")["Job"]["Command"]["ScriptLocation"]

    for version in ("0.1.0", "0.2.0"):
        set_version(source.root, version)
        contract.write_text(contract.read_text() + f"# {version}\n")
        env.write_text(env.read_text().replace('"0.1.0"', f'"{version}"'))
        for words in (
            ["release", "--version", version, "--env", "dev"],
            ["plan", "--env", "dev"],
            ["apply", "--env", "dev"],
        ):
            code, output = deploy(source, *words)
            assert code == 0, output
        assert script() == f"s3://{ARTIFACTS}/releases/{version}/glue_jobs/refine.py"

    code, output = deploy(source, "rollback", "--env", "dev", "--version", "0.1.0")
    assert code == 0 and "0 to destroy" in output, output
    assert script().endswith("releases/0.2.0/glue_jobs/refine.py")
    code, output = deploy(source, "apply", "--env", "dev")
    assert code == 0 and "runs release 0.1.0" in output, output
    assert script().endswith("releases/0.1.0/glue_jobs/refine.py")
    assert {item["Key"] for item in bootstrapped.client("s3").list_objects_v2(Bucket=STATE)["Contents"]} == {
        "lake/dev.tfstate"
    }


@pytest.mark.deep
def test_bootstrap_creates_what_is_missing_imports_what_exists_and_changes_nothing_twice(cloud: Cloud, tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    cloud.client("s3").create_bucket(Bucket=STATE, **PLACE)  # somebody created it by hand
    code, output = cloud.deploy(source, "bootstrap", "--region", REGION)
    assert code == 0 and f"{STATE} exists already: importing it" in output and f"{ARTIFACTS} are ready." in output, (
        output
    )
    before = cloud.client("kms").list_aliases()["Aliases"]

    code, output = cloud.deploy(source, "bootstrap", "--region", REGION)
    assert code == 0 and f"{ARTIFACTS} exist already; nothing was changed." in output, output

    shutil.rmtree(source.terraform / "bootstrap" / "terraform.tfstate.d")  # another machine, or a fresh clone
    code, output = cloud.deploy(source, "bootstrap", "--region", REGION)
    assert code == 0 and "alias/headgate-artifacts exists already: importing it" in output, output
    assert "0 destroyed" in output
    assert cloud.client("kms").list_aliases()["Aliases"] == before
    assert cloud.client("s3").get_bucket_versioning(Bucket=STATE)["Status"] == "Enabled"


@pytest.mark.deep
def test_bootstrap_refuses_to_replace_a_bucket(bootstrapped: Cloud, tmp_path: Path):
    source = make_checkout(tmp_path / "checkout")
    file = source.terraform / "bootstrap" / "bootstrap.tf"
    file.write_text(file.read_text().replace('"headgate-${role}-', '"other-${role}-'))
    code, output = bootstrapped.deploy(source, "bootstrap", "--region", REGION)
    assert code == 1 and "bootstrap would remove or replace" in output, output
    assert {bucket["Name"] for bucket in bootstrapped.client("s3").list_buckets()["Buckets"]} == {STATE, ARTIFACTS}
