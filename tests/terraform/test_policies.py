"""Every policy of a whole plan: no wildcard action is allowed, and `*` as a resource only where a reason is written."""

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
KEY = "aws_kms_key"


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
def allowed(lake: Plan) -> list[tuple[str, Mapping[str, Any]]]:
    return [(address, one) for address, one in statements(lake) if one["Effect"] == "Allow"]


def test_every_policy_is_known_when_planned(lake: Plan) -> None:
    kinds = ("aws_iam_role_policy", "aws_iam_policy", "aws_iam_role", "aws_kms_key", "aws_sqs_queue",
             "aws_s3_bucket_policy", "aws_sns_topic_policy")  # fmt: skip
    unknown = [
        address
        for kind in kinds
        for address, one in lake.of_type(kind).items()
        if not any(isinstance(one.get(attribute), str) for attribute in POLICIES)
    ]
    assert not unknown, f"cannot be judged before an apply: {unknown}"


def test_no_statement_allows_an_action_with_a_wildcard(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    found = [(address, action) for address, one in allowed for action in listed(one["Action"]) if "*" in action]
    assert found == []


def test_nobody_is_trusted_who_is_not_named(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    found = [address for address, one in allowed if "*" in json.dumps(one.get("Principal", ""))]
    assert found == []


def test_no_statement_turns_a_list_round(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    found = [address for address, one in allowed if {"NotAction", "NotResource", "NotPrincipal"} & set(one)]
    assert found == []


def test_a_star_resource_has_its_reason(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, one in allowed:
        if "*" not in listed(one.get("Resource", [])):
            continue
        reason = REASONS.get(one["Sid"])
        assert reason, f"{address}: `{one['Sid']}` allows `*`; narrow it, or give AWS's reason in star_resources.yaml"
        if reason["actions"] == "key policy":
            assert KEY in address, address
        else:
            assert set(listed(one["Action"])) <= set(reason["actions"]), address


def test_every_reason_is_still_needed(workspace: Workspace, allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    used = {one["Sid"] for _, one in allowed if "*" in listed(one.get("Resource", []))}
    bootstrap = (workspace.at / "bootstrap" / "bootstrap.tf").read_text()
    assert {name for name in REASONS if f'"{name}"' not in bootstrap} == used


def test_a_role_is_passed_only_to_the_services_that_run_with_it(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, one in allowed:
        if "iam:PassRole" in listed(one["Action"]):
            assert one["Condition"]["StringEquals"]["iam:PassedToService"], address


def test_services_are_trusted_for_this_account_only(allowed: list[tuple[str, Mapping[str, Any]]]) -> None:
    for address, one in allowed:
        if "sts:AssumeRole" in listed(one["Action"]) and "Service" in one.get("Principal", {}):
            assert one["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012", address


def test_every_bucket_refuses_requests_without_tls(lake: Plan) -> None:
    buckets = lake.of_type("aws_s3_bucket_policy")
    assert len(buckets) == len(lake.of_type("aws_s3_bucket")) == 5
    for address, one in buckets.items():
        denied = next(s for s in json.loads(one["policy"])["Statement"] if s["Sid"] == "OnlyTls")
        assert (denied["Effect"], denied["Action"]) == ("Deny", ["s3:*"]), address


def test_inline_policies_fit_into_a_role(lake: Plan) -> None:
    for address, one in lake.of_type("aws_iam_role_policy").items():
        assert len(one["policy"]) <= 10_240, address
