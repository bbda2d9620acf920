"""Bootstrap with a fake Terraform that records its calls; test_emulated_account.py runs the real one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from deploy_bench import PLACE, REGION, Console

from headgate.deploy.account import Account
from headgate.deploy.checkout import Checkout

TERRAFORM = """\
#!{python}
import json, pathlib, sys
log = pathlib.Path("{log}")
log.write_text((log.read_text() if log.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "show":
    print(pathlib.Path("{shown}", "plan" if len(sys.argv) > 3 else "state").read_text())
sys.exit(2 if sys.argv[1] == "plan" else 0)
"""


class FakeTerraform:
    """A program `terraform` that shows a given state and plan, and records its calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "bin" / "terraform"
        program.parent.mkdir()
        program.write_text(TERRAFORM.format(python=sys.executable, log=folder / "log", shown=folder))
        program.chmod(0o755)
        self.path = str(program.parent)
        self.set("state", {"format_version": "1.0"})
        self.set("plan", {"resource_changes": [_change("module.x.aws_s3_bucket.this", "create")]})

    def set(self, shown: str, document: Any) -> None:
        (self._folder / shown).write_text(json.dumps(document))

    def calls(self, word: str) -> list[list[str]]:
        calls = [json.loads(line) for line in (self._folder / "log").read_text().splitlines()]
        return [call for call in calls if call[0] == word]


def _change(address: str, *actions: str) -> dict[str, Any]:
    return {"address": address, "change": {"actions": list(actions)}}


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTerraform:
    fake = FakeTerraform(tmp_path)
    monkeypatch.setenv("PATH", fake.path)
    return fake


def test_a_first_bootstrap_imports_nothing_and_names_the_next_step(
    somebody: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    code, output = console("bootstrap", "--region", REGION, source=source)
    assert code == 0, output
    assert terraform.calls("import") == []
    assert terraform.calls("workspace") == [["workspace", "select", "-or-create=true", "123456789012-eu-west-1"]]
    assert len(terraform.calls("apply")) == 1
    assert "headgate-state-123456789012-eu-west-1" in output and "`make release VERSION=0.1.0 ENV=…`" in output


def test_resources_of_the_account_that_are_missing_in_the_state_are_imported(
    somebody: Account, source: Checkout, terraform: FakeTerraform, console: Console
):
    somebody.s3.create_bucket(Bucket=somebody.state_bucket, **PLACE)
    somebody.s3.create_bucket(Bucket=somebody.artifacts_bucket, **PLACE)
    kms = somebody.session.client("kms", region_name=REGION)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/headgate-artifacts", TargetKeyId=key)
    known = {"address": 'module.bucket["state"].aws_s3_bucket.this'}
    terraform.set("state", {"values": {"root_module": {"child_modules": [{"resources": [known]}]}}})
    code, output = console("bootstrap", "--region", REGION, source=source)
    assert code == 0, output
    assert [call[-2:] for call in terraform.calls("import")] == [
        ['module.bucket["artifacts"].aws_s3_bucket.this', somebody.artifacts_bucket],
        ["aws_kms_key.bootstrap", key],
        ["aws_kms_alias.bootstrap", "alias/headgate-artifacts"],
    ]
    assert f"{somebody.artifacts_bucket} exists already: importing it into Terraform's state." in output


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_a_plan_that_would_remove_or_replace_is_not_applied(
    somebody: Account, source: Checkout, terraform: FakeTerraform, console: Console, actions: list[str]
):
    terraform.set("plan", {"resource_changes": [_change("aws_kms_key.bootstrap", *actions)]})
    code, output = console("bootstrap", "--region", REGION, source=source)
    assert code == 1 and "bootstrap would remove or replace aws_kms_key.bootstrap; nothing was changed" in output
    assert terraform.calls("apply") == []
