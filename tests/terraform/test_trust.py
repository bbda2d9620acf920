"""Trust policies and shared statements are declared once: adding one is one line, and no file has a copy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from mocked_plan import TERRAFORM, Plan, Workspace

DECLARED = "modules/policies/"
SERVICES = '_services = ["events", "glue", "lambda", "scheduler", "states"]'
FILES = [file for file in sorted(TERRAFORM.rglob("*.tf")) if not {".terraform", "tests"} & set(file.parts)]
# The new service, and a role that it takes; the role's state machine also delivers logs.
TOY = """
module "toy" {
  source = "./modules/policies"
  site   = local.site
}

resource "aws_iam_role" "toy" {
  name               = "toy"
  assume_role_policy = module.toy.trust.toy
}

resource "aws_iam_role_policy" "toy" {
  name   = "toy"
  role   = aws_iam_role.toy.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [module.toy.deliver_logs] })
}
"""


@pytest.fixture
def with_toy(tmp_path: Path, terraform_env: dict[str, str], settings: dict[str, object]) -> Plan:
    """The lake of the other tests with one more service that takes roles, and a role that it takes."""
    workspace = Workspace(tmp_path, terraform_env)
    trust = workspace.at / DECLARED / "trust.tf"
    text = trust.read_text(encoding="utf-8")
    assert text.count(SERVICES) == 1, "the test no longer finds the list of services"
    trust.write_text(
        text.replace(SERVICES, '_services = ["events", "glue", "lambda", "scheduler", "states", "toy"]'),
        encoding="utf-8",
    )
    (workspace.at / "toy.tf").write_text(TOY, encoding="utf-8")
    return workspace.plan(**settings)


@pytest.mark.needs("terraform")
def test_one_more_service_is_trusted_and_passed_roles_by_one_name(lake: Plan, with_toy: Plan) -> None:
    role, trusted = (with_toy.values[address]["assume_role_policy"] for address in
                     ("aws_iam_role.toy", "module.pipeline.aws_iam_role.tick"))  # fmt: skip
    assert json.loads(role) == json.loads(trusted.replace("scheduler.amazonaws.com", "toy.amazonaws.com"))
    assert json.loads(with_toy.values["aws_iam_role_policy.toy"]["policy"])["Statement"][0]["Sid"] == "DeliverLogs"
    assert _passed_to(with_toy) == sorted([*_passed_to(lake), "toy.amazonaws.com"])


def _passed_to(plan: Plan) -> list[str]:
    """The services to which the deployer may pass roles."""
    statements = json.loads(plan.values['module.access.aws_iam_policy.deploy["roles"]']["policy"])["Statement"]
    [passing] = [statement for statement in statements if statement["Sid"] == "PassRoles"]
    return passing["Condition"]["StringEquals"]["iam:PassedToService"]


@pytest.mark.parametrize("action", ["sts:AssumeRole", "logs:CreateLogDelivery", "cloudwatch:PutMetricData"])
def test_only_the_module_of_policies_spells_what_it_declares(action: str) -> None:
    spelled = {file.relative_to(TERRAFORM).as_posix() for file in FILES if f'"{action}' in file.read_text("utf-8")}
    assert len(spelled) == 1, f"`{action}` is declared in {sorted(spelled)}; use the module {DECLARED} instead"
    assert spelled.pop().startswith(DECLARED)


def test_every_role_takes_its_trust_policy_from_the_module() -> None:
    trusts = {
        f"{file.relative_to(TERRAFORM)}: {policy}"
        for file in FILES
        for policy in re.findall(r"assume_role_policy\s*=\s*(.+)", file.read_text("utf-8"))
    }
    assert len(trusts) >= 10
    assert [trust for trust in sorted(trusts) if ": module.policies.trust" not in trust] == []
