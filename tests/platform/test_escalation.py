"""cloudsplaining looks in every role's policies together for a way to become more than the role is."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mocked_plan import Plan

import needs

pytestmark = pytest.mark.needs("cloudsplaining")

LOOK = Path(__file__).with_name("escalation.py")
DEPLOYER = "module.access.aws_iam_policy.deploy"
# Escalations that are there on purpose, each with its reason.
_ROLES = "Only roles of the lake's names with its boundary, which allows nothing of IAM; never the deployer's own."
_CODE = "Whoever deploys the code of jobs and function may do what their roles may (docs/SECURITY.md)."
ACCEPTED: Mapping[tuple[str, str], str] = {
    ("deployer", "PutRolePolicy"): _ROLES,
    ("deployer", "UpdateRolePolicyToAssumeIt"): _ROLES,
    ("deployer", "PutRolePolicyThenUpdateAssumeRolePolicy"): _ROLES,
    ("deployer", "EditExistingLambdaFunctionWithRole"): _CODE,
    ("deployer", "PassExistingRoleToNewLambdaThenTriggerWithExistingDynamo"): _CODE,
}


def found(policies: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """The name of the policy, the kind of escalation and its actions, for each that cloudsplaining finds."""
    done = subprocess.run([needs.cloudsplaining(), LOOK], input=json.dumps(policies), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [(name, kind, actions) for name, kind, actions in json.loads(done.stdout.splitlines()[-1])]


def _roles(plan: Plan) -> Iterator[tuple[str, Any]]:
    """The policy of each role; the deployer's policies as one, since a role has all of them."""
    deployer = list[Any]()
    for address, values in plan.values.items():
        if ".aws_iam_role_policy." in f".{address}" or ".aws_iam_policy." in f".{address}":
            statements = json.loads(values["policy"])["Statement"]
            if address.startswith(DEPLOYER):
                deployer += statements
            else:
                yield address, {"Version": "2012-10-17", "Statement": statements}
    yield "deployer", {"Version": "2012-10-17", "Statement": deployer}


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("lakes", ["lake", "company"])
def test_no_role_can_become_more_than_it_is(lakes: str, request: pytest.FixtureRequest) -> None:
    policies = dict(_roles(request.getfixturevalue(lakes)))
    assert len(policies) > 12
    escalations = found(policies)
    assert [each for each in escalations if each[:2] not in ACCEPTED] == []
    assert set(ACCEPTED) <= {each[:2] for each in escalations}


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        (["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"], "PutRolePolicy"),
        (["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"], "NewLambda"),
        (["iam:PassRole", "glue:CreateDevEndpoint"], "GlueDevEndpoint"),
        (["iam:CreatePolicyVersion"], "CreateNewPolicyVersion"),
    ],
)
def test_an_escalation_on_purpose_is_found(actions: list[str], kind: str) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    named = {"bad": {"Version": "2012-10-17", "Statement": [statement]}}
    assert any(kind.lower() in each[1].lower() for each in found(named)), found(named)
