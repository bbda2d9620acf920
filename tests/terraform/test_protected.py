"""A protected lake survives `terraform destroy`: the order of deletion, and what AWS refuses to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import product

import pytest
from iam import Request, allows
from mocked_plan import Plan, Refused, Workspace

pytestmark = pytest.mark.needs("terraform")

ACCOUNT = "123456789012"
BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_BreakGlass_*"
MAY = (f"arn:aws:iam::{ACCOUNT}:root", BREAK_GLASS.replace("*", "x"))
MAY_NOT = (f"arn:aws:iam::{ACCOUNT}:role/admin", f"arn:aws:iam::{ACCOUNT}:role/test-github", "arn:aws:iam::1:user/a")
EVERYTHING = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}  # an administrator's own policy
BUCKET = 'module.storage.module.bucket["{}"].aws_s3_bucket_policy.this'
_EDGE = re.compile(r'"([^"]+)" -> "([^"]+)"')


@pytest.fixture(scope="module")
def guarded(workspace: Workspace, settings: dict[str, object]) -> Plan:
    """A protected lake that names who may end its protection."""
    return workspace.plan(**{**settings, "break_glass": [BREAK_GLASS]})


@pytest.fixture(scope="module")
def free(workspace: Workspace, settings: dict[str, object]) -> Plan:
    return workspace.plan(**{**settings, "protected": False})


@pytest.fixture(scope="module")
def graph(terraform_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """For each resource, those on which it depends. Terraform deletes in the opposite order."""
    copy = Workspace(tmp_path_factory.mktemp("graph"), terraform_env)
    (copy.at / "backend.tf").unlink()  # its bucket does not exist
    done = copy.run("graph")
    assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {}
    for resource, needs in _EDGE.findall(done.stdout):
        found.setdefault(resource, set()).add(needs)
    return found


def before(graph: Mapping[str, set[str]], resource: str) -> set[str]:
    """Everything that exists before the resource does, and so is deleted after it."""
    seen, left = set[str](), [resource]
    while left:
        new = graph.get(left.pop(), set()) - seen
        seen |= new
        left += new
    return seen


def test_a_destroy_begins_with_what_refuses_it(graph: Mapping[str, set[str]]) -> None:
    everything = {name for name in {*graph, *(n for needs in graph.values() for n in needs)} if not _is_read(name)}
    assert len(everything) > 60
    # The conditions of a plan; destroying them deletes nothing.
    checks = {name for name in everything if ".terraform_data." in f".{name}"}
    assert everything - before(graph, "terraform_data.protection") - checks == set()


def test_the_key_is_deleted_after_every_bucket(graph: Mapping[str, set[str]]) -> None:
    assert "module.storage.aws_kms_key.lake" in before(graph, "module.storage.module.bucket.aws_s3_bucket.this")


def _is_read(name: str) -> bool:
    return ".data." in f".{name}"


def refused(plan: Plan, address: str, action: str, caller: str) -> bool:
    """Whether the policy refuses the action to an administrator, to whom IAM allows everything."""
    statements = json.loads(plan.values[address]["policy"])["Statement"]
    denials = [statement for statement in statements if statement["Effect"] == "Deny"]
    resource = "*" if "kms" in action else statements[0]["Resource"][0]
    context = {"aws:PrincipalArn": caller, "aws:SecureTransport": "true"}
    return not allows([EVERYTHING, *denials], Request(action, resource, context))


ROLES = ("staging", "warehouse", "athena_etl", "athena_results", "reports")
OF_BUCKETS, OF_KEYS = ("s3:DeleteBucketPolicy", "s3:PutBucketPolicy"), ("kms:ScheduleKeyDeletion", "kms:DisableKey")
POLICIES = [
    *((BUCKET.format(role), action) for role, action in product(ROLES, OF_BUCKETS)),
    *(("module.storage.aws_kms_key.lake[0]", action) for action in OF_KEYS),
]


@pytest.mark.parametrize(("address", "action"), POLICIES)
def test_only_a_break_glass_role_and_root_end_the_protection(
    guarded: Plan, free: Plan, address: str, action: str
) -> None:
    assert [caller for caller in (*MAY, *MAY_NOT) if refused(guarded, address, action, caller)] == list(MAY_NOT)
    assert [caller for caller in (*MAY, *MAY_NOT) if refused(free, address, action, caller)] == []


def test_without_such_a_role_only_root_ends_the_protection(lake: Plan) -> None:
    for address, action in POLICIES:
        assert [caller for caller in MAY if not refused(lake, address, action, caller)] == [MAY[0]], address


ENDING = ("s3:DeleteBucket", "s3:DeleteBucketPolicy", "glue:DeleteDatabase", "kms:ScheduleKeyDeletion",
          "secretsmanager:DeleteSecret")  # fmt: skip


def test_a_deployer_may_delete_a_lake_only_if_it_is_not_protected(lake: Plan, free: Plan) -> None:
    for plan, expected in ((lake, set[str]()), (free, set(ENDING))):
        policies = [
            plan.values[a]["policy"] for a in plan.values if a.startswith("module.access.aws_iam_policy.deploy")
        ]
        allowed = {action for policy in policies for s in json.loads(policy)["Statement"] for action in s["Action"]}
        assert allowed & set(ENDING) == expected


@pytest.mark.parametrize("arn", ["*", "admin", "arn:aws:sts::123456789012:assumed-role/a/b"])
def test_who_may_end_the_protection_must_be_a_role(workspace: Workspace, settings: dict[str, object], arn: str) -> None:
    with pytest.raises(Refused, match="break_glass"):
        workspace.plan(**{**settings, "break_glass": [arn]})
