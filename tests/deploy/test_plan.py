"""Plan, apply and rollback with a fake Terraform that records its calls; test_emulated_account.py runs the real one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from deploy_bench import PLACE, Console, add_to_environment, changed

from headgate.deploy.account import Account
from headgate.deploy.checkout import Checkout
from headgate.deploy.digest import SUMS, sha256_of, sums_text
from headgate.deploy.release import description

TERRAFORM = """\
#!{python}
import json, pathlib, sys
log = pathlib.Path("{log}")
log.write_text((log.read_text() if log.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
out = [word[5:] for word in sys.argv if word.startswith("-out=")]
[pathlib.Path(file).write_text("a plan") for file in out]
sys.exit(int(pathlib.Path("{ends}").read_text()) if sys.argv[1] == "plan" else 0)
"""


class FakeTerraform:
    """A program `terraform` on the PATH that writes a plan, ends with a given exit code and records its calls."""

    def __init__(self, folder: Path) -> None:
        import sys

        self._log, self.ends = folder / "log", folder / "ends"
        self.ends.write_text("2")
        program = folder / "bin" / "terraform"
        program.parent.mkdir()
        program.write_text(TERRAFORM.format(python=sys.executable, log=self._log, ends=self.ends))
        program.chmod(0o755)
        self.path = str(program.parent)

    @property
    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    def last(self, word: str) -> list[str]:
        return [call for call in self.calls if call[0] == word][-1]


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTerraform:
    fake = FakeTerraform(tmp_path)
    monkeypatch.setenv("PATH", fake.path)
    return fake


def put_release(account: Account, source: Checkout, version: str = "0.1.0", bucket: str | None = None) -> None:
    """Put the files of a release that planning reads into the bucket."""
    files = {f"{part.name}/{path.relative_to(part).as_posix()}": path for part in (source.contracts, source.sql)
             for path in part.rglob("*") if path.is_file()}  # fmt: skip
    prefix, to = f"releases/{version}/", bucket or account.artifacts_bucket
    for name, path in files.items():
        account.s3.put_object(Bucket=to, Key=prefix + name, Body=path.read_bytes())
    sums = sums_text({name: sha256_of(path) for name, path in files.items()})
    account.s3.put_object(Bucket=to, Key=prefix + SUMS, Body=sums.encode())
    account.s3.put_object(Bucket=to, Key=f"{prefix}release.json", Body=description(source, version).encode())


@pytest.fixture
def released_account(account: Account, source: Checkout) -> Account:
    """An account that holds release 0.1.0 of the checkout."""
    put_release(account, source)
    return account


def test_a_plan_needs_an_environment_and_credentials_and_nothing_else(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 0, output
    assert terraform.calls[0] == [
        "init", "-reconfigure", "-backend-config=bucket=headgate-state-123456789012-eu-west-1",
        "-backend-config=region=eu-west-1", "-backend-config=key=lake/dev.tfstate",
    ]  # fmt: skip
    assert terraform.calls[1] == [
        "plan", "-detailed-exitcode", f"-out={source.plans / 'dev.tfplan'}",
        f"-var-file={source.environments / 'dev.tfvars'}", "-var=name=lake", "-var=release=0.1.0",
    ]  # fmt: skip
    assert "Planned release 0.1.0" in output and "`make apply ENV=dev`" in output
    assert (source.plans / "dev.tfplan").stat().st_mode & 0o077 == 0


def test_a_plan_without_changes_says_so(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    terraform.ends.write_text("0")
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 0 and "no changes, so there is nothing to apply" in output


def test_a_lake_under_another_name_has_a_separate_state(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    assert console("plan", "--env", "dev", "--name", "mine", source=source)[0] == 0
    assert "-backend-config=key=mine/dev.tfstate" in terraform.last("init")
    assert "-var=name=mine" in terraform.last("plan")
    assert console("apply", "--env", "dev", source=source)[0] == 0
    assert "-backend-config=key=mine/dev.tfstate" in terraform.last("init")


def test_an_environment_may_have_its_releases_in_another_bucket(
    account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    account.s3.create_bucket(Bucket="elsewhere", **PLACE)
    put_release(account, source, bucket="elsewhere")
    add_to_environment(source, 'artifacts_bucket = "elsewhere"')
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 0, output


def test_a_missing_release_is_refused_with_the_command_that_makes_it(
    account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1
    assert "releases/0.1.0/: release 0.1.0 does not exist, or its upload did not finish" in output
    assert "`make release VERSION=0.1.0 ENV=dev`" in output and "dev.tfvars" in output
    assert terraform.calls == []


def test_without_terraform_the_message_names_the_version_to_install(
    released_account: Account, source: Checkout, console: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1 and "Terraform is not installed, or not on the PATH" in output and "1.11.4" in output


def test_a_plan_that_terraform_refuses_is_not_saved(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    terraform.ends.write_text("1")
    code, output = console("plan", "--env", "dev", source=source)
    assert code == 1 and "`terraform plan` failed (exit code 1)" in output
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "there is no saved plan for `dev`" in output


def test_exactly_the_saved_plan_is_applied_and_once(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 0 and "Applied: `lake` in account 123456789012, eu-west-1, runs release 0.1.0." in output
    assert terraform.last("apply") == ["apply", str(source.plans / "dev.tfplan")]
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "there is no saved plan for `dev`" in output and "`make plan ENV=dev`" in output


@pytest.mark.parametrize(
    "file",
    ["terraform/lake.tf", "terraform/environments/dev.tfvars", "terraform/modules/jobs/jobs.tf",
     "terraform/.terraform.lock.hcl", "contracts/shop/orders.yaml", "sql/marts/revenue.sql"],
)  # fmt: skip
def test_a_plan_with_a_changed_source_is_not_applied(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console, file: str
):
    console("plan", "--env", "dev", source=source)
    with changed(source.root / file, (source.root / file).read_text() + "\n"):
        code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and f"is out of date: {file} changed since" in output and "make plan ENV=dev" in output
    assert "apply" not in [call[0] for call in terraform.calls]
    assert console("apply", "--env", "dev", source=source)[0] == 0  # the file is as it was planned again


def test_a_plan_is_not_out_of_date_because_a_file_was_touched(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    os.utime(source.terraform / "lake.tf")
    (source.terraform / ".terraform").mkdir(exist_ok=True)
    (source.terraform / ".terraform" / "x.json").write_text("{}")
    assert console("apply", "--env", "dev", source=source)[0] == 0


def test_a_plan_that_was_changed_itself_is_not_applied(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    (source.plans / "dev.tfplan").write_text("another plan")
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "out of date: dev.tfplan changed since" in output


def test_a_plan_for_another_account_is_not_applied(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    record = source.plans / "dev.json"
    record.write_text(record.read_text().replace('"123456789012"', '"210987654321"'))
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "these credentials are for account 123456789012" in output


def test_a_rollback_plans_with_the_contracts_and_sql_of_that_release(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    released = (source.contracts / "shop" / "orders.yaml").read_bytes()
    (source.contracts / "shop" / "orders.yaml").write_text("changed since\n")
    (source.sql / "marts" / "revenue.sql").unlink()
    code, output = console("rollback", "--env", "dev", "--version", "0.1.0", source=source)
    assert code == 0, output
    folder = source.plans / "dev-0.1.0"
    assert terraform.last("plan")[-3:] == [
        "-var=release=0.1.0", f"-var=contracts_dir={folder / 'contracts'}", f"-var=sql_dir={folder / 'sql'}",
    ]  # fmt: skip
    assert (folder / "contracts" / "shop" / "orders.yaml").read_bytes() == released
    assert (folder / "sql" / "marts" / "revenue.sql").is_file()
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 0 and "runs release 0.1.0" in output


def test_a_rollback_names_the_datasets_that_it_retires(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    words = ["--env", "dev", "--version", "0.1.0", "--retire", "returns, refunds,"]
    code, output = console("rollback", *words, source=source)
    assert code == 0, output
    assert terraform.last("plan")[-1] == '-var=retire=["returns", "refunds"]'


def test_a_plan_retires_nothing(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    assert [word for word in terraform.last("plan") if word.startswith("-var=retire")] == []


def test_a_rollback_whose_downloaded_contracts_changed_is_not_applied(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("rollback", "--env", "dev", "--version", "0.1.0", source=source)
    (source.plans / "dev-0.1.0" / "contracts" / "shop" / "orders.yaml").write_text("changed\n")
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "contracts/shop/orders.yaml changed since" in output and "make rollback" in output


@pytest.mark.parametrize("gone", [False, True])
def test_a_rollback_to_a_release_that_was_changed_in_the_bucket_is_refused(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console, gone: bool
):
    where: Any = {"Bucket": released_account.artifacts_bucket, "Key": "releases/0.1.0/contracts/shop/orders.yaml"}
    released_account.s3.delete_object(**where) if gone else released_account.s3.put_object(**where, Body=b"tampered")
    code, output = console("rollback", "--env", "dev", "--version", "0.1.0", source=source)
    assert code == 1 and "`contracts/shop/orders.yaml` is not what was released" in output
    assert terraform.calls == []


def test_a_rollback_to_an_unknown_release_lists_the_available_ones(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    code, output = console("rollback", "--env", "dev", "--version", "0.0.9", source=source)
    assert code == 1 and "there is no release 0.0.9 to go back to" in output and "Available releases: 0.1.0." in output


def test_a_plan_that_fails_removes_the_older_one(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    console("rollback", "--env", "dev", "--version", "0.0.9", source=source)
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "there is no saved plan for `dev`" in output


def test_a_plan_with_a_truncated_record_is_not_applied(
    released_account: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    console("plan", "--env", "dev", source=source)
    record = source.plans / "dev.json"
    record.write_text(record.read_text()[:100])
    code, output = console("apply", "--env", "dev", source=source)
    assert code == 1 and "there is no saved plan for `dev`" in output
