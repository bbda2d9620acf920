"""Bootstrap around a Terraform that only writes down what it was told; test_deploy_emulator.py has the real one."""

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
said = pathlib.Path("{log}")
said.write_text((said.read_text() if said.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "show":
    print(pathlib.Path("{shown}", "plan" if len(sys.argv) > 3 else "state").read_text())
sys.exit(2 if sys.argv[1] == "plan" else 0)
"""


class Bench:
    """What Terraform says it knows and plans, and how it was called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "bin" / "terraform"
        program.parent.mkdir()
        program.write_text(TERRAFORM.format(python=sys.executable, log=folder / "log", shown=folder))
        program.chmod(0o755)
        self.path = str(program.parent)
        self.says("state", {"format_version": "1.0"})
        self.says("plan", {"resource_changes": [_change("module.x.aws_s3_bucket.this", "create")]})

    def says(self, what: str, document: Any) -> None:
        (self._folder / what).write_text(json.dumps(document))

    def calls(self, word: str) -> list[list[str]]:
        said = [json.loads(line) for line in (self._folder / "log").read_text().splitlines()]
        return [one for one in said if one[0] == word]


def _change(address: str, *actions: str) -> dict[str, Any]:
    return {"address": address, "change": {"actions": list(actions)}}


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path)
    monkeypatch.setenv("PATH", made.path)
    return made


def test_a_first_bootstrap_imports_nothing_and_says_what_comes_next(
    somebody: Account, source: Checkout, terraform: Bench, console: Console
):
    code, said = console("bootstrap", "--region", REGION, source=source)
    assert code == 0, said
    assert terraform.calls("import") == []
    assert terraform.calls("workspace") == [["workspace", "select", "-or-create=true", "123456789012-eu-west-1"]]
    assert len(terraform.calls("apply")) == 1
    assert "headgate-state-123456789012-eu-west-1" in said and "`make release VERSION=0.1.0 ENV=…`" in said


def test_what_stands_in_the_account_and_not_in_the_state_is_imported(
    somebody: Account, source: Checkout, terraform: Bench, console: Console
):
    somebody.s3.create_bucket(Bucket=somebody.state_bucket, **PLACE)
    somebody.s3.create_bucket(Bucket=somebody.artifacts_bucket, **PLACE)
    kms = somebody.session.client("kms", region_name=REGION)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/headgate-artifacts", TargetKeyId=key)
    known = {"address": 'module.bucket["state"].aws_s3_bucket.this'}
    terraform.says("state", {"values": {"root_module": {"child_modules": [{"resources": [known]}]}}})
    code, said = console("bootstrap", "--region", REGION, source=source)
    assert code == 0, said
    assert [one[-2:] for one in terraform.calls("import")] == [
        ['module.bucket["artifacts"].aws_s3_bucket.this', somebody.artifacts_bucket],
        ["aws_kms_key.bootstrap", key],
        ["aws_kms_alias.bootstrap", "alias/headgate-artifacts"],
    ]
    assert f"{somebody.artifacts_bucket} is there already: taken over." in said


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_a_plan_that_would_remove_or_replace_is_not_applied(
    somebody: Account, source: Checkout, terraform: Bench, console: Console, actions: list[str]
):
    terraform.says("plan", {"resource_changes": [_change("aws_kms_key.bootstrap", *actions)]})
    code, said = console("bootstrap", "--region", REGION, source=source)
    assert code == 1 and "bootstrap would remove or replace aws_kms_key.bootstrap; nothing was done" in said
    assert terraform.calls("apply") == []
