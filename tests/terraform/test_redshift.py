"""The option `redshift`: what it makes and costs, who runs statements there, and what nobody of the lake may do."""

from __future__ import annotations

import json
from itertools import product

import pytest
from iam import Request, Statement, allows, covers
from mocked_plan import OPTIONS, Plan, Refused, Workspace

from headgate.lake import paths

pytestmark = pytest.mark.needs("terraform")

ACCOUNT = "123456789012"
HERE = f"eu-west-1:{ACCOUNT}"
WORKGROUP = f"arn:aws:redshift-serverless:{HERE}:workgroup/7777"
SECRET = f"arn:aws:secretsmanager:{HERE}:secret:redshift!test-admin-a1b2c3"
EXPORTS = "arn:aws:s3:::acme-warehouse/exports/redshift"
OURS, THEIRS = {"aws:ResourceTag/Lake": "test"}, {"aws:ResourceTag/Lake": "other"}
RUN = ("redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials")
ANN, BEN = "AROA0123456789ABCDEF:ann", "AROA0123456789ABCDEF:ben"
PEOPLE = {
    **{name: f'module.access.aws_iam_role_policy.person["{name}"]' for name in ("analyst", "engineer", "operator")},
    **{name: f'module.redshift[0].aws_iam_role_policy.person["{name}"]' for name in ("loader", "owner")},
}
COPY = "module.redshift[0].aws_iam_role_policy.copy"


def policy(plan: Plan, address: str) -> list[Statement]:
    return json.loads(plan.values[address]["policy"])["Statement"]


def policies(plan: Plan) -> dict[str, list[Statement]]:
    """The policies of all roles, by address; the boundary grants nothing."""
    return {address: policy(plan, address) for address in plan.of_type("aws_iam_role_policy")}


def deployer(plan: Plan) -> list[Statement]:
    addresses = [address for address in plan.of_type("aws_iam_policy") if ".deploy[" in address]
    assert len(addresses) == 4
    return [statement for address in addresses for statement in policy(plan, address)]


def with_redshift(workspace: Workspace, settings: dict[str, object], **redshift: object) -> Plan:
    return workspace.plan(**{**settings, "redshift": redshift})


def test_without_the_option_nothing_is_made_and_nothing_costs(lake: Plan) -> None:
    assert not [address for address in lake.values if "redshift" in address]
    assert lake.outputs["idle_cost"]["warehouse"]["usd_per_month"] == 0
    assert lake.outputs["warehouse"] is None
    kinds = ("aws_iam_role_policy", "aws_iam_policy")
    granted = {a for k in kinds for at in lake.of_type(k) for s in policy(lake, at) for a in s["Action"]}
    assert not [action for action in granted if action.startswith("redshift")]


def test_a_workgroup_costs_a_secret_at_rest_and_at_most_its_limit_a_day(company: Plan) -> None:
    cost = company.outputs["idle_cost"]["warehouse"]
    assert (cost["usd_per_month"], cost["usd_per_day_at_most"]) == (0.4, 3.0)
    [limit] = company.of_type("aws_redshiftserverless_usage_limit").values()
    assert (limit["amount"], limit["period"], limit["breach_action"]) == (8, "daily", "deactivate")


def test_it_is_private_and_encrypted_with_the_lakes_key(company: Plan) -> None:
    [namespace] = company.of_type("aws_redshiftserverless_namespace").values()
    [workgroup] = company.of_type("aws_redshiftserverless_workgroup").values()
    assert namespace["kms_key_id"] == namespace["admin_password_secret_kms_key_id"] == OPTIONS["kms_key_arn"]
    assert namespace["manage_admin_password"] and "admin_user_password" not in str(workgroup)
    assert set(namespace["log_exports"]) == {"connectionlog", "useractivitylog", "userlog"}
    assert workgroup["publicly_accessible"] is False
    assert set(workgroup["subnet_ids"]) == {"subnet-a", "subnet-b"}


@pytest.mark.parametrize("action", RUN)
def test_statements_are_run_by_these_roles_in_the_lakes_workgroup_alone(company: Plan, action: str) -> None:
    may = {a for a, statements in policies(company).items() if allows(statements, Request(action, WORKGROUP, OURS))}
    assert may == {PEOPLE[name] for name in ("analyst", "engineer", "loader", "owner")}
    for name, address in PEOPLE.items():
        assert not allows(policy(company, address), Request(action, WORKGROUP, THEIRS)), name
        assert not allows(policy(company, address), Request(action, WORKGROUP)), name


@pytest.mark.parametrize("action", ["CancelStatement", "DescribeStatement", "GetStatementResult"])
def test_everybody_sees_statements_of_their_own_alone(company: Plan, action: str) -> None:
    for name in ("analyst", "engineer", "loader", "owner"):
        for owner, may in ((ANN, True), (BEN, False)):
            context = {"aws:userid": ANN, "redshift-data:statement-owner-iam-userid": owner}
            asked = Request(f"redshift-data:{action}", "*", context)
            assert allows(policy(company, PEOPLE[name]), asked) is may, (name, owner)


def test_nobody_of_the_lake_reads_the_administrators_secret(company: Plan) -> None:
    boundary = policy(company, "module.boundary[0].aws_iam_policy.boundary")
    for statements in (*policies(company).values(), deployer(company), boundary):
        for action in ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"):
            assert not allows(statements, Request(action, SECRET))


def test_copy_reads_exports_and_nothing_else(company: Plan) -> None:
    copy = policy(company, COPY)
    assert allows(copy, Request("s3:GetObject", f"{EXPORTS}/orders/r1/rows/part.parquet"))
    assert allows(
        copy, Request("s3:ListBucket", "arn:aws:s3:::acme-warehouse", {"s3:prefix": "exports/redshift/orders/"})
    )
    for key in (
        "data-warehouse/orders/a",
        "quarantine/orders/a",
        "ledger/orders/a",
        "exports/other/a",
        "exports/redshift-2/a",
        "exports/newest/orders/export.json",
    ):
        assert not allows(copy, Request("s3:GetObject", f"arn:aws:s3:::acme-warehouse/{key}")), key
        listing = Request("s3:ListBucket", "arn:aws:s3:::acme-warehouse", {"s3:prefix": key})
        assert not allows(copy, listing), key
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert not allows(copy, Request(action, f"{EXPORTS}/orders/r1/rows/part.parquet")), action
    assert not [statement for statement in copy if any("redshift" in action for action in statement["Action"])]


def test_the_job_of_a_dataset_writes_its_own_exports_and_nobody_else_any(lake: Plan) -> None:
    bucket = lake.outputs["buckets"]["warehouse"]
    for path in (paths.export_file("customers", "r1"), paths.latest_export("customers")):
        for action in ("s3:PutObject", "s3:DeleteObject"):
            asked = Request(action, f"arn:aws:s3:::{bucket}/{path}")
            may = {address for address, statements in policies(lake).items() if allows(statements, asked)}
            assert may == {'module.jobs.aws_iam_role_policy.job["customers"]'}, f"{action} on {path}"
    other = Request("s3:PutObject", f"arn:aws:s3:::{bucket}/{paths.export_file('orders', 'r1')}")
    assert not [address for address, statements in policies(lake).items() if allows(statements, other)]


def test_no_person_of_the_lake_but_the_loader_reads_exports(company: Plan) -> None:
    for path in (paths.export_file("customers", "r1"), paths.latest_export("customers")):
        asked = Request("s3:GetObject", f"arn:aws:s3:::acme-warehouse/{path}")
        assert {name for name, address in PEOPLE.items() if allows(policy(company, address), asked)} == {"loader"}


def test_redshift_alone_takes_the_role_of_copy_and_for_this_account(company: Plan) -> None:
    role = company.values["module.redshift[0].aws_iam_role.copy"]
    [trust] = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]}
    for account, may in ((ACCOUNT, True), ("210987654321", False)):
        asked = Request("sts:AssumeRole", "*", {"aws:SourceAccount": account})
        assert covers({**trust, "Resource": "*"}, asked) is may, account


def test_people_take_the_roles_of_the_warehouse_and_no_workflow_or_service(company: Plan) -> None:
    for name in ("loader", "owner"):
        role = company.values[f'module.redshift[0].aws_iam_role.person["{name}"]']
        [trust] = json.loads(role["assume_role_policy"])["Statement"]
        assert trust["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}, name


def test_named_principals_alone_take_a_role(workspace: Workspace, settings: dict[str, object]) -> None:
    loaders = [f"arn:aws:iam::{ACCOUNT}:role/airflow"]
    plan = workspace.plan(**{**settings, "redshift": {}, "trusted_principals": {"warehouse-loader": loaders}})
    trust = plan.values['module.redshift[0].aws_iam_role.person["loader"]']["assume_role_policy"]
    assert json.loads(trust)["Statement"][0]["Principal"] == {"AWS": loaders}


def test_a_loader_reads_exports_and_no_table_of_the_lake(company: Plan) -> None:
    loader, owner = policy(company, PEOPLE["loader"]), policy(company, PEOPLE["owner"])
    export = Request("s3:GetObject", "arn:aws:s3:::acme-warehouse/exports/newest/orders/export.json")
    assert allows(loader, export) and not allows(owner, export)
    for name, key in product(
        ("loader", "owner"), ("data-warehouse/orders/a", "quarantine/orders/a", "ledger/orders/a")
    ):
        assert not allows(policy(company, PEOPLE[name]), Request("s3:GetObject", f"arn:aws:s3:::acme-warehouse/{key}"))
    assert not [s for s in loader if any(a.startswith("s3:Put") or a.startswith("s3:Delete") for a in s["Action"])]


def test_the_boundary_allows_what_the_roles_of_the_warehouse_need(company: Plan) -> None:
    boundary = policy(company, "module.boundary[0].aws_iam_policy.boundary")
    own = {"aws:userid": ANN, "redshift-data:statement-owner-iam-userid": ANN, "s3:prefix": "exports/redshift/orders/"}
    for name in ("copy", "loader", "owner"):
        address = COPY if name == "copy" else PEOPLE[name]
        role = company.values[address.replace("aws_iam_role_policy", "aws_iam_role")]
        assert role["permissions_boundary"] == f"arn:aws:iam::{ACCOUNT}:policy/test-boundary"
        for statement in policy(company, address):
            for action, resource in product(statement["Action"], statement["Resource"]):
                concrete = resource.replace("/*", "/a")
                assert allows(boundary, Request(action, concrete, {**OURS, **own})), f"{name}: {action} on {resource}"
    assert not allows(boundary, Request("redshift-serverless:GetCredentials", WORKGROUP, THEIRS))
    assert not allows(boundary, Request("redshift-serverless:DeleteUsageLimit", "*"))


def test_a_deployer_looks_at_the_warehouse_and_changes_nothing_of_it(company: Plan) -> None:
    statements = deployer(company)
    region = {"aws:RequestedRegion": "eu-west-1"}
    for action, resource in (
        ("redshift-serverless:GetWorkgroup", WORKGROUP),
        ("redshift-serverless:GetUsageLimit", "*"),
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/test-warehouse-copy"),
    ):
        assert allows(statements, Request(action, resource, region)), action
    for action in (
        "UpdateUsageLimit",
        "DeleteUsageLimit",
        "UpdateWorkgroup",
        "UpdateNamespace",
        "GetCredentials",
        "TagResource",
    ):
        assert not allows(statements, Request(f"redshift-serverless:{action}", WORKGROUP, {**region, **OURS})), action
    assert not allows(statements, Request("redshift-data:ExecuteStatement", WORKGROUP, OURS))
    values = {
        "iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/test-boundary",
        "iam:PassedToService": "redshift.amazonaws.com",
    }
    for role, action in product(
        ("copy", "loader", "owner"),
        ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:CreateRole"),
    ):
        assert not allows(statements, Request(action, f"arn:aws:iam::{ACCOUNT}:role/test-warehouse-{role}", values)), (
            role,
            action,
        )


def test_in_a_cluster_of_yours_nothing_but_roles_is_made(workspace: Workspace, settings: dict[str, object]) -> None:
    plan = with_redshift(workspace, settings, cluster="bi", database="sales")
    assert not [address for address in plan.values if "aws_redshift" in address]
    assert plan.outputs["idle_cost"]["warehouse"]["usd_per_month"] == 0
    analyst = policy(plan, PEOPLE["analyst"])
    database = f"arn:aws:redshift:{HERE}:dbname:bi"
    assert allows(analyst, Request("redshift-data:ExecuteStatement", f"arn:aws:redshift:{HERE}:cluster:bi"))
    assert allows(analyst, Request("redshift:GetClusterCredentialsWithIAM", f"{database}/sales"))
    assert not allows(analyst, Request("redshift:GetClusterCredentialsWithIAM", f"{database}/hr"))
    assert not allows(analyst, Request("redshift-data:ExecuteStatement", f"arn:aws:redshift:{HERE}:cluster:hr"))


def test_in_a_workgroup_of_yours_its_own_arn_is_named(workspace: Workspace, settings: dict[str, object]) -> None:
    plan = with_redshift(workspace, settings, workgroup="bi")
    own = f"arn:aws:redshift-serverless:{HERE}:workgroup/66666666-6666-6666-6666-666666666666"
    for statements in (policy(plan, PEOPLE["analyst"]), policy(plan, "module.boundary[0].aws_iam_policy.boundary")):
        assert allows(statements, Request("redshift-data:ExecuteStatement", own))
        assert not allows(statements, Request("redshift-data:ExecuteStatement", WORKGROUP))


@pytest.mark.parametrize(
    ("redshift", "why"),
    [
        ({"workgroup": "a", "cluster": "b"}, "name one of them"),
        ({"rpu_hours_a_day": 0}, "there is no use without a limit"),
        ({"base_rpu": 32, "max_rpu": 16}, "must not be below base_rpu"),
    ],
)
def test_what_cannot_work_or_has_no_limit_is_refused(
    workspace: Workspace, settings: dict[str, object], redshift: dict[str, object], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        with_redshift(workspace, settings, **redshift)
