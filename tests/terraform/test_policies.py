"""Every policy of a whole plan: it allows no wildcard action, and `*` as a resource only with a written reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from mocked_plan import TERRAFORM, Plan, Workspace

pytestmark = pytest.mark.needs("terraform")

POLICIES = ("policy", "assume_role_policy")
REASONS: Mapping[str, Any] = yaml.safe_load((TERRAFORM / "star_resources.yaml").read_text())
KEY, ENDPOINT = "aws_kms_key", "aws_vpc_endpoint"


def statements(plan: Plan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every statement of every policy, with the address of its resource."""
    for address, values in plan.values.items():
        for attribute in POLICIES:
            if isinstance(values.get(attribute), str):
                for statement in json.loads(values[attribute])["Statement"]:
                    yield address, statement


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


@pytest.fixture(scope="module")
def allowed(lake: Plan, company: Plan) -> list[tuple[str, Mapping[str, Any]]]:
    """What a lake with and without options allows. The policy of a VPC endpoint grants nothing, and is left out."""
    every = [*statements(lake), *statements(company)]
    return [(at, statement) for at, statement in every if statement["Effect"] == "Allow" and ENDPOINT not in at]


def test_every_policy_is_known_when_planned(lake: Plan) -> None:
    kinds = ("aws_iam_role_policy", "aws_iam_policy", "aws_iam_role", "aws_kms_key", "aws_sqs_queue",
             "aws_s3_bucket_policy", "aws_sns_topic_policy")  # fmt: skip
    unknown = [
        address
        for kind in kinds
        for address, values in lake.of_type(kind).items()
        if not any(isinstance(values.get(attribute), str) for attribute in POLICIES)
    ]
    assert not unknown, f"these policies are known only after an apply, too late for a test: {unknown}"


def test_no_statement_allows_an_action_with_a_wildcard(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    every = [(address, action) for address, statement in allowed for action in listed(statement["Action"])]
    assert [(address, action) for address, action in every if "*" in action] == []


def test_every_trusted_principal_is_named(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    assert [address for address, statement in allowed if "*" in json.dumps(statement.get("Principal", ""))] == []


def test_no_statement_inverts_a_list(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    inverted = {"NotAction", "NotResource", "NotPrincipal"}
    assert [address for address, statement in allowed if inverted & set(statement)] == []


def test_a_star_resource_has_its_reason(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, statement in allowed:
        if "*" not in listed(statement.get("Resource", [])):
            continue
        sid = statement["Sid"]
        reason = REASONS.get(sid)
        assert reason, f"{address}: `{sid}` allows `*`; narrow it, or give AWS's reason in star_resources.yaml"
        if reason["actions"] == "key policy":
            assert KEY in address, address
        else:
            assert set(listed(statement["Action"])) <= set(reason["actions"]), address


def test_every_reason_is_still_needed(workspace: Workspace, allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    used = {statement["Sid"] for _, statement in allowed if "*" in listed(statement.get("Resource", []))}
    bootstrap = (workspace.at / "bootstrap" / "bootstrap.tf").read_text()
    assert {name for name in REASONS if f'"{name}"' not in bootstrap} == used


def test_a_role_is_passed_only_to_the_services_that_run_with_it(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, statement in allowed:
        if "iam:PassRole" in listed(statement["Action"]):
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"], address


def test_services_are_trusted_for_this_account_only(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, statement in allowed:
        if "sts:AssumeRole" in listed(statement["Action"]) and "Service" in statement.get("Principal", {}):
            service = listed(statement["Principal"]["Service"])[0].partition(".")[0]
            silent = service in ("events", "glue", "lakeformation", "lambda", "redshift")
            test = "StringEqualsIfExists" if silent else "StringEquals"
            assert statement["Condition"] == {test: {"aws:SourceAccount": "123456789012"}}, address


def test_every_bucket_refuses_requests_without_tls(lake: Plan) -> None:
    buckets = lake.of_type("aws_s3_bucket_policy")
    assert len(buckets) == len(lake.of_type("aws_s3_bucket")) == 5
    for address, bucket in buckets.items():
        denied = next(s for s in json.loads(bucket["policy"])["Statement"] if s["Sid"] == "OnlyTls")
        assert (denied["Effect"], denied["Action"]) == ("Deny", ["s3:*"]), address


def test_inline_policies_fit_into_a_role(lake: Plan) -> None:
    for address, policy in lake.of_type("aws_iam_role_policy").items():
        assert len(policy["policy"]) <= 10_240, address
