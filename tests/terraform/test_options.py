"""The options of a large company: off by default, and planned as a whole with every one of them on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from iam import Request, allows, covers
from mocked_plan import LAKE, OPTIONS, Plan, Refused, Workspace

pytestmark = pytest.mark.needs("terraform")

KEY, NETWORK = OPTIONS["kms_key_arn"], OPTIONS["network"]
ACCOUNT = "123456789012"
OF_OPTIONS = (
    "module.network",
    "module.lakeformation",
    "module.audit",
    "module.redshift",
    "aws_glue_data_catalog_encryption_settings",
)


def _statements(plan: Plan, address: str) -> list[Any]:
    return json.loads(plan.values[address]["policy"])["Statement"]


def _analyst(plan: Plan) -> list[Any]:
    return _statements(plan, 'module.access.aws_iam_role_policy.person["analyst"]')


def test_every_option_is_off_by_default(lake: Plan) -> None:
    assert not [address for address in lake.values if any(option in address for option in OF_OPTIONS)]
    assert "module.storage.aws_kms_key.lake[0]" in lake.values
    assert not any(job["connections"] for job in lake.of_type("aws_glue_job").values())


def test_a_key_of_your_own_encrypts_everything(company: Plan) -> None:
    assert not company.of_type("aws_kms_key") and not company.of_type("aws_kms_alias")
    assert {group["kms_key_id"] for group in company.of_type("aws_cloudwatch_log_group").values()} == {KEY}
    assert {topic["kms_master_key_id"] for topic in company.of_type("aws_sns_topic").values()} == {KEY}
    jobs = _statements(company, 'module.jobs.aws_iam_role_policy.job["orders"]')
    assert allows(jobs, Request("kms:GenerateDataKey", KEY))


def test_the_policy_that_a_key_of_your_own_needs_is_that_of_a_created_one(company: Plan, lake: Plan) -> None:
    assert company.outputs["kms_key_policy"] == lake.values["module.storage.aws_kms_key.lake[0]"]["policy"]


def test_a_bucket_of_your_own_is_used_and_never_changed(company: Plan) -> None:
    assert not [address for address in company.values if 'bucket["warehouse"]' in address]
    text = json.dumps([dict(values) for values in company.values.values()])
    assert "acme-warehouse" in text and f"test-warehouse-{ACCOUNT}" not in text
    assert company.outputs["buckets"]["warehouse"] == "acme-warehouse"


def test_jobs_and_function_run_in_your_subnets_and_reach_no_address_of_the_internet(company: Plan) -> None:
    assert {tuple(job["connections"]) for job in company.of_type("aws_glue_job").values()} == {("test-subnet-a",)}
    (function,) = company.of_type("aws_lambda_function").values()
    assert [config["subnet_ids"] for config in function["vpc_config"]] == [["subnet-a"]]
    rules = company.of_type("aws_vpc_security_group_egress_rule")
    assert len(rules) == 3
    assert not [address for address, rule in rules.items() if rule["cidr_ipv4"] or rule["cidr_ipv6"]]


def test_roles_may_join_the_network_and_their_boundary_lets_them(company: Plan) -> None:
    boundary = _statements(company, "module.boundary[0].aws_iam_policy.boundary")
    for address in ('module.jobs.aws_iam_role_policy.job["orders"]', "module.events[0].aws_iam_role_policy.flatten"):
        for statements in (_statements(company, address), boundary):
            assert allows(statements, Request("ec2:CreateNetworkInterface", "*")), address
    tag = Request("ec2:CreateTags", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:network-interface/eni-1", {"aws:TagKeys": "Name"})
    assert not allows(boundary, tag)


def test_the_boundary_allows_what_the_roles_of_options_need(company: Plan) -> None:
    boundary = _statements(company, "module.boundary[0].aws_iam_policy.boundary")
    for policy, action, resource in (
        (
            "module.lakeformation[0].aws_iam_role_policy.lakeformation",
            "s3:GetObject",
            "arn:aws:s3:::acme-warehouse/data-warehouse/orders/a",
        ),
        ('module.access.aws_iam_role_policy.person["analyst"]', "lakeformation:GetDataAccess", "*"),
        (
            'module.jobs.aws_iam_role_policy.job["orders"]',
            "glue:GetConnection",
            f"arn:aws:glue:eu-west-1:{ACCOUNT}:connection/test-subnet-a",
        ),
    ):
        request = Request(action, resource)
        assert allows(_statements(company, policy), request), policy
        assert any(covers(statement, request) for statement in boundary), policy


def test_with_lake_formation_an_analyst_fetches_no_file_of_a_table(company: Plan, lake: Plan) -> None:
    bucket = lake.outputs["buckets"]["warehouse"]
    assert allows(_analyst(lake), Request("s3:GetObject", f"arn:aws:s3:::{bucket}/data-warehouse/orders/data/a"))
    assert not allows(
        _analyst(company), Request("s3:GetObject", "arn:aws:s3:::acme-warehouse/data-warehouse/orders/data/a")
    )
    assert not allows(_analyst(lake), Request("lakeformation:GetDataAccess", "*"))


def test_lake_formation_tags_classified_columns_and_grants_the_others(company: Plan) -> None:
    (tag,) = company.of_type("aws_lakeformation_lf_tag").values()
    assert tag["key"] == "test-classification" and "none" in tag["values"] and len(tag["values"]) > 1
    words = {
        address.partition('"')[2].rstrip('"]')
        for address in company.of_type("aws_lakeformation_resource_lf_tags")
        if ".columns[" in address
    }
    assert words and {word.partition("/")[0] for word in words} == {"customers"}
    (grant,) = (g for g in company.of_type("aws_lakeformation_permissions").values() if g["lf_tag_policy"])
    assert grant["lf_tag_policy"][0]["expression"] == [{"key": "test-classification", "values": ["none"]}]
    assert {
        resource["hybrid_access_enabled"] for resource in company.of_type("aws_lakeformation_resource").values()
    } == {True}


def test_the_catalog_is_encrypted_by_a_role_of_its_own(company: Plan) -> None:
    (catalog,) = company.of_type("aws_glue_data_catalog_encryption_settings").values()
    (at_rest,) = catalog["data_catalog_encryption_settings"][0]["encryption_at_rest"]
    assert (at_rest["catalog_encryption_mode"], at_rest["sse_aws_kms_key_id"]) == ("SSE-KMS-WITH-SERVICE-ROLE", KEY)


@pytest.mark.parametrize(
    ("kind", "resource"), [("access_logs", "aws_s3_bucket_logging"), ("data_events", "aws_cloudtrail")]
)
def test_one_variable_switches_the_records(
    workspace: Workspace, settings: dict[str, object], kind: str, resource: str
) -> None:
    plan = workspace.plan(**{**settings, "audit": kind})
    kinds = {"aws_s3_bucket_logging", "aws_cloudtrail"}
    assert {each for each in kinds if plan.of_type(each)} == {resource}


def test_a_deployer_looks_at_options_and_changes_none(company: Plan) -> None:
    statements = _statements(company, 'module.access.aws_iam_policy.deploy["options"]')
    actions = {action for statement in statements for action in statement["Action"]}
    assert {"cloudtrail:GetTrail", "ec2:DescribeSecurityGroups", "lakeformation:ListPermissions"} <= actions
    assert not [action for action in actions if not action.partition(":")[2].startswith(("Get", "List", "Describe"))]
    all_of_it = [
        s
        for part in ("data", "control", "roles", "options")
        for s in _statements(company, f'module.access.aws_iam_policy.deploy["{part}"]')
    ]
    for action in (
        "cloudtrail:StopLogging",
        "lakeformation:GrantPermissions",
        "ec2:AuthorizeSecurityGroupEgress",
        "glue:PutDataCatalogEncryptionSettings",
    ):
        assert not allows(all_of_it, Request(action, "*", {"aws:RequestedRegion": "eu-west-1"})), action


def test_policies_of_a_lake_with_options_fit(company: Plan) -> None:
    for address, policy in company.of_type("aws_iam_policy").items():
        assert len(policy["policy"]) <= 6_144, address
    for address, policy in company.of_type("aws_iam_role_policy").items():
        assert len(policy["policy"]) <= 10_240, address


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("audit", "everything", "audit `everything`"),
        ("own_buckets", {"warehose": "b"}, "roles are staging"),
        ("kms_key_arn", "alias/mine", "is not the ARN of a key"),
        ("lake_formation", {"tables": ["custmers"]}, "no contract describes custmers"),
        ("network", {**NETWORK, "subnet_ids": []}, "name at least one private subnet"),
    ],
)
def test_what_cannot_work_is_refused_at_plan(
    workspace: Workspace, settings: dict[str, object], variable: str, value: object, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        workspace.plan(**{**settings, variable: value})


def test_the_lake_of_these_tests_has_a_classified_column() -> None:
    assert "classification" in (LAKE / "contracts" / "shop" / "customers.yaml").read_text()
