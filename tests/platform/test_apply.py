"""The whole lake, applied, planned again and destroyed on the emulator; its state lies in bootstrap's bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import applied
import pytest
import yaml
from calls import called
from drift import Drift, drifts, judged, known
from emulator import ACCOUNT, REGION, Emulator, patiently
from inventory import inventory
from mocked_plan import Plan
from permissions import Need, keys_of, needs
from policies import Statement, actions, allowed
from policies import applied as applied_statements
from recorder import Record, recording

pytestmark = pytest.mark.needs("terraform", "ministack")

UNUSED = Path(__file__).with_name("unused_actions.yaml")
BUCKETS = tuple(f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))


@dataclass(frozen=True)
class Life:
    """What was seen from an empty account to an empty account: names by kind, plans, state."""

    seen: dict[str, dict[str, set[str]]]
    state: list[str]
    folders: dict[str, str]  # version by key
    second_plan: dict[str, Any]
    second_plan_of_bootstrap: dict[str, Any]
    asked_by_bootstrap: Record
    asked: Record  # for the lake


@pytest.fixture(scope="module")
def life(emulator: Emulator, terraform_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Life:
    at = applied.copy(tmp_path_factory.mktemp("applied"))
    grown = applied.grown(at.parent)
    bootstrap = applied.Applied(at / "bootstrap", {"region": REGION, "allowed_account_ids": [ACCOUNT]})
    lake, changed = applied.lake(at), applied.lake(at, applied.CHANGED, grown)
    with (
        recording(emulator) as (for_bootstrap, asked_by_bootstrap),
        recording(emulator) as (for_lake, asked),
        applied.speaking_to(for_bootstrap, terraform_env),
        ThreadPoolExecutor() as beside,
    ):
        seen = {"at first": inventory(emulator)}
        bootstrap.init()
        # The provider looks at a lifecycle for 50 seconds before it believes it; what the lake needs is there before.
        bootstrapped = beside.submit(bootstrap.apply)
        patiently(lambda: [emulator.client("s3").get_bucket_encryption(Bucket=one) for one in BUCKETS])
        patiently(lambda: emulator.client("kms").describe_key(KeyId="alias/headgate-artifacts"))
        seen["after bootstrap"] = inventory(emulator)
        applied.put_release(emulator)
        applied.put_release(emulator, "0.2.0", grown)
        with applied.speaking_to(for_lake, terraform_env):
            asked.during = "apply"
            lake.init(**applied.backend())
            lake.apply()
            seen["applied"], state, folders = inventory(emulator), lake.state(), _folders(emulator)
            asked.during = "plan"
            plan = lake.plan(lock=False)
            asked.during = "change"
            changed.apply(refresh=False)
            asked.during = "destroy"
            changed.destroy()
            seen["destroyed"] = inventory(emulator)
        bootstrapped.result()
        second = plan, bootstrap.plan()
        _empty(emulator)
        bootstrap.destroy()
        seen["at last"] = inventory(emulator)
    return Life(seen, state, folders, *second, asked_by_bootstrap, asked)


def _folders(aws: Emulator) -> dict[str, str]:
    """The version of every folder's object in staging."""
    found = aws.client("s3").list_object_versions(Bucket=f"test-staging-{ACCOUNT}-{REGION}")
    return {one["Key"]: one["VersionId"] for one in found["Versions"]}


def _empty(aws: Emulator) -> None:
    """Take every version out of bootstrap's buckets; nothing deletes a bucket that holds something."""
    s3 = aws.client("s3")
    for bucket in BUCKETS:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


def test_everything_that_the_mocked_plan_names_was_applied(life: Life, lake: Plan) -> None:
    managed = {address for address in life.state if ".data." not in f".{address}"}
    assert managed == set(lake.values)


def test_the_api_knows_something_new_of_every_kind(life: Life) -> None:
    there, before = life.seen["applied"], life.seen["after bootstrap"]
    assert [kind for kind, names in there.items() if not names - before[kind]] == []


def test_state_and_releases_lie_in_buckets_of_bootstrap(life: Life) -> None:
    new = life.seen["after bootstrap"]["bucket"] - life.seen["at first"]["bucket"]
    assert new == set(BUCKETS)


def test_a_folder_is_put_when_its_bucket_keeps_versions(life: Life) -> None:
    assert sorted(life.folders) == ["staging/crm/customers/", "staging/orders/", "staging/visits/"]
    assert "null" not in life.folders.values(), f"`destroy` would leave these: {life.folders}"


def test_a_second_plan_changes_nothing_but_what_the_emulator_forgets(life: Life) -> None:
    unknown, _ = judged(drifts(life.second_plan), known())
    assert not unknown, "not in emulator_drift.yaml:\n" + "\n".join(unknown)


def test_the_emulator_still_forgets_all_that_is_excused(life: Life) -> None:
    _, gone = judged(drifts(life.second_plan), known())
    assert not gone, f"no longer occurs, take it out of emulator_drift.yaml: {gone}"


def test_a_second_plan_of_bootstrap_changes_nothing(life: Life) -> None:
    assert [str(one) for one in drifts(life.second_plan_of_bootstrap)] == []


def test_destroy_leaves_nothing_of_the_lake(life: Life) -> None:
    assert life.seen["destroyed"] == life.seen["after bootstrap"]


def test_bootstrap_once_emptied_leaves_nothing(life: Life) -> None:
    assert life.seen["at last"] == life.seen["at first"]


@dataclass(frozen=True)
class Asked:
    """What IAM would be asked for Terraform's calls, by the part of the test, and what the roles are allowed."""

    needs: set[tuple[str, Need]]
    deployer: list[Statement]
    planner: list[Statement]


@pytest.fixture(scope="module")
def asked(life: Life) -> Asked:
    before, calls = ([called(one) for one in record.requests] for record in (life.asked_by_bootstrap, life.asked))
    keys = keys_of([*before, *calls])
    of_lake = {(call.during, need) for call in calls for need in needs(call, keys)}
    deployer, planner = (
        applied_statements(life.second_plan, f"module.access.{one}")
        for one in ("aws_iam_policy.deploy", "aws_iam_role_policy.planner")
    )
    return Asked(of_lake, deployer, planner)


def _refused(asked: Asked, statements: list[Statement], *during: str) -> list[str]:
    return sorted({str(need) for when, need in asked.needs if when in during and not allowed(need, statements)})


@pytest.mark.needs("parliament")
def test_the_deployers_policies_allow_all_that_terraform_asks(asked: Asked) -> None:
    assert {when for when, _ in asked.needs} == {"apply", "plan", "change", "destroy"}
    refused = _refused(asked, asked.deployer, "apply", "plan", "change", "destroy")
    assert not refused, "modules/access/deployer.tf does not allow:\n" + "\n".join(refused)


@pytest.mark.needs("parliament")
def test_the_planners_policy_allows_all_that_a_plan_asks(asked: Asked) -> None:
    refused = _refused(asked, asked.planner, "plan")
    assert not refused, "modules/access/planner.tf does not allow:\n" + "\n".join(refused)


@pytest.mark.needs("parliament")
def test_the_planners_policy_does_not_suffice_to_apply(asked: Asked) -> None:
    assert "glue:CreateJob on" in " ".join(_refused(asked, asked.planner, "apply"))


@pytest.mark.needs("parliament")
def test_each_action_that_was_not_needed_has_a_reason(asked: Asked) -> None:
    unused = actions(asked.deployer) - {need.action for _, need in asked.needs}
    reasons = yaml.safe_load(UNUSED.read_text())
    assert all(reasons.values())
    assert sorted(reasons) == sorted(unused)


def _plan(**change: Any) -> dict[str, Any]:
    one = {"address": "aws_x.y", "type": "aws_x", "mode": "managed", "change": change}
    return {"resource_changes": [one]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"actions": ["update"], "before": {"a": ""}, "after": {"a": "b"}}, []),  # as it is excused
        ({"actions": ["update"], "before": {"a": "c"}, "after": {"a": "b"}}, ["aws_x.y: a is \"c\""]),
        ({"actions": ["update"], "before": {"b": [{"c": 1}]}, "after": {"b": [{"c": 2}]}}, ["aws_x.y: b.c is 1"]),
        ({"actions": ["delete", "create"], "before": {"a": ""}, "after": {"a": "b"}}, ["aws_x.y: delete/create is"]),
    ],
)  # fmt: skip
def test_only_the_named_attribute_with_the_named_answer_is_excused(change: dict[str, Any], expected: list[str]) -> None:
    unknown, _ = judged(drifts(_plan(**change)), {("aws_x", "a"): ""})
    assert [said.startswith(start) for said, start in zip(unknown, expected, strict=True)] == [True] * len(expected)


def test_an_excuse_that_no_longer_occurs_is_named() -> None:
    assert judged(list[Drift](), {("aws_x", "a"): ""}) == ([], ["aws_x.a"])
