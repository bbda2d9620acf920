"""The whole lake, applied, planned again, changed and destroyed on the emulator; its state is in bootstrap's bucket."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import applied
import pytest
import yaml
from calls import called
from drift import Drift, drifts, judged, known
from emulator import ACCOUNT, REGION, EmulatedAccount, patiently
from inventory import inventory
from mocked_plan import Plan
from permissions import Need, keys_of, needs
from policies import Statement, actions, allowed
from policies import applied as applied_statements
from recorder import Record, recording

pytestmark = pytest.mark.needs("terraform", "ministack")

# What an administrator applies: the deployer's roles and policies, and the boundary of all other roles.
OF_ADMINISTRATORS = re.compile(
    r"^iam:.* on arn:aws:iam::\d+:(policy/test-(boundary|deploy-\w+)|role/test-github(-plan)?)$"
)
READS_OR_TAGS = re.compile(r"iam:(Get|List|Tag|Untag)")
UNUSED = Path(__file__).with_name("unused_actions.yaml")
BUCKETS = tuple(f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))


@dataclass(frozen=True)
class Life:
    """What the test saw from an empty account to an empty account: names by kind, state, plans, requests."""

    seen: dict[str, dict[str, set[str]]]
    state: list[str]
    folders: dict[str, str]  # version by key
    refusal: str  # of destroying the lake while it was protected
    second_plan: dict[str, Any]
    second_plan_of_bootstrap: dict[str, Any]
    requests_of_bootstrap: Record
    requests: Record  # of the lake


@pytest.fixture(scope="module")
def life(emulator: EmulatedAccount, terraform_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Life:
    at = applied.copy(tmp_path_factory.mktemp("applied"))
    grown = applied.grown(at.parent)
    bootstrap = applied.Applied(at / "bootstrap", {"region": REGION, "allowed_account_ids": [ACCOUNT]})
    lake, changed = applied.lake(at), applied.lake(at, applied.CHANGED, grown)
    protected = applied.lake(at, {**applied.SETTINGS, "protected": True})
    with (
        recording(emulator) as (for_bootstrap, requests_of_bootstrap),
        recording(emulator) as (for_lake, requests),
        applied.using(for_bootstrap, terraform_env),
        ThreadPoolExecutor() as beside,
    ):
        seen = {"at first": inventory(emulator)}
        bootstrap.init()
        # The provider waits 50 seconds for a bucket's lifecycle; everything that the lake needs exists before that.
        bootstrapped = beside.submit(bootstrap.apply)
        patiently(lambda: [emulator.client("s3").get_bucket_encryption(Bucket=bucket) for bucket in BUCKETS])
        patiently(lambda: emulator.client("kms").describe_key(KeyId="alias/headgate-artifacts"))
        seen["after bootstrap"] = inventory(emulator)
        applied.put_release(emulator)
        applied.put_release(emulator, "0.2.0", grown)
        with applied.using(for_lake, terraform_env):
            requests.during = "apply"
            lake.init(**applied.backend())
            lake.apply()
            seen["applied"], state, folders = inventory(emulator), lake.state(), _folders(emulator)
            requests.during = "plan"
            plan = lake.plan(lock=False)
            requests.during = "protect"
            protected.apply(refresh=False)
            with pytest.raises(AssertionError) as refusal:
                protected.destroy(refresh=False)
            seen["protected"] = inventory(emulator)
            requests.during = "change"
            changed.apply(refresh=False)
            requests.during = "destroy"
            changed.destroy()
            seen["destroyed"] = inventory(emulator)
        bootstrapped.result()
        second = plan, bootstrap.plan()
        _empty(emulator)
        bootstrap.destroy()
        seen["at last"] = inventory(emulator)
    return Life(seen, state, folders, str(refusal.value), *second, requests_of_bootstrap, requests)


def _folders(aws: EmulatedAccount) -> dict[str, str]:
    """The version of each folder's object in staging."""
    versions = aws.client("s3").list_object_versions(Bucket=f"test-staging-{ACCOUNT}-{REGION}")["Versions"]
    return {version["Key"]: version["VersionId"] for version in versions}


def _empty(aws: EmulatedAccount) -> None:
    """Delete every version in bootstrap's buckets, because only an empty bucket can be deleted."""
    s3 = aws.client("s3")
    for bucket in BUCKETS:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_everything_that_the_mocked_plan_names_was_applied(life: Life, lake: Plan) -> None:
    managed = {address for address in life.state if ".data." not in f".{address}"}
    assert managed == set(lake.values)


def test_the_api_lists_something_new_of_every_kind(life: Life) -> None:
    after, before = life.seen["applied"], life.seen["after bootstrap"]
    assert [kind for kind, names in after.items() if not names - before[kind]] == []


def test_bootstrap_creates_the_buckets_of_state_and_releases(life: Life) -> None:
    new = life.seen["after bootstrap"]["bucket"] - life.seen["at first"]["bucket"]
    assert new == set(BUCKETS)


def test_a_folder_is_put_only_once_its_bucket_has_versioning(life: Life) -> None:
    assert sorted(life.folders) == ["staging/clicks/", "staging/crm/customers/", "staging/orders/", "staging/visits/"]
    assert "null" not in life.folders.values(), f"`destroy` would leave these: {life.folders}"


def test_a_second_plan_changes_nothing_but_what_the_emulator_forgets(life: Life) -> None:
    unknown, _ = judged(drifts(life.second_plan), known())
    assert not unknown, "not in emulator_drift.yaml:\n" + "\n".join(unknown)


def test_the_emulator_still_forgets_everything_in_the_list(life: Life) -> None:
    _, gone = judged(drifts(life.second_plan), known())
    assert not gone, f"these no longer occur; remove them from emulator_drift.yaml: {gone}"


def test_a_second_plan_of_bootstrap_changes_nothing(life: Life) -> None:
    assert [str(drift) for drift in drifts(life.second_plan_of_bootstrap)] == []


def test_a_protected_lake_loses_nothing_by_destroy(life: Life) -> None:
    assert "The lake is protected: set protected = false, apply, then destroy." in " ".join(life.refusal.split())
    assert life.seen["protected"] == life.seen["applied"]


def test_destroy_leaves_nothing_of_the_lake(life: Life) -> None:
    assert life.seen["destroyed"] == life.seen["after bootstrap"]


def test_bootstrap_once_emptied_leaves_nothing(life: Life) -> None:
    assert life.seen["at last"] == life.seen["at first"]


@dataclass(frozen=True)
class Checked:
    """What IAM would check for Terraform's calls, by the part of the test, and what the roles are allowed."""

    needs: set[tuple[str, Need]]
    deployer: list[Statement]
    planner: list[Statement]


@pytest.fixture(scope="module")
def checked(life: Life) -> Checked:
    records = (life.requests_of_bootstrap, life.requests)
    before, calls = ([called(request) for request in record.requests] for record in records)
    keys = keys_of([*before, *calls])
    of_lake = {(call.during, need) for call in calls for need in needs(call, keys)}
    deployer, planner = (
        applied_statements(life.second_plan, f"module.access.{policy}")
        for policy in ("aws_iam_policy.deploy", "aws_iam_role_policy.planner")
    )
    return Checked(of_lake, deployer, planner)


def _refused(checked: Checked, statements: list[Statement], *during: str) -> list[str]:
    return sorted({str(need) for when, need in checked.needs if when in during and not allowed(need, statements)})


@pytest.mark.needs("parliament")
def test_the_deployers_policies_allow_all_calls_of_terraform(checked: Checked) -> None:
    assert {when for when, _ in checked.needs} == {"apply", "plan", "protect", "change", "destroy"}
    refused = _refused(checked, checked.deployer, "apply", "plan", "change", "destroy")
    refused = [need for need in refused if not OF_ADMINISTRATORS.search(need)]
    assert not refused, "modules/access/deployer.tf does not allow:\n" + "\n".join(refused)


@pytest.mark.needs("parliament")
@pytest.mark.parametrize(
    "kept", ["role/test-github", "role/test-github-plan", "policy/test-boundary", "policy/test-deploy-roles"]
)
def test_only_an_administrator_writes_the_deployers_roles_and_policies(checked: Checked, kept: str) -> None:
    made = {need for _, need in checked.needs if need.resource.endswith(f":{kept}")}
    written = {need.action for need in made if not READS_OR_TAGS.match(need.action)}
    assert written >= {f"iam:{word}{'Role' if kept.startswith('role') else 'Policy'}" for word in ("Create", "Delete")}
    assert [str(need) for need in made if need.action in written and allowed(need, checked.deployer)] == []


@pytest.mark.needs("parliament")
def test_the_planners_policy_allows_all_calls_of_a_plan(checked: Checked) -> None:
    refused = _refused(checked, checked.planner, "plan")
    assert not refused, "modules/access/planner.tf does not allow:\n" + "\n".join(refused)


@pytest.mark.needs("parliament")
def test_the_planners_policy_does_not_suffice_to_apply(checked: Checked) -> None:
    assert "glue:CreateJob on" in " ".join(_refused(checked, checked.planner, "apply"))


@pytest.mark.needs("parliament")
def test_each_action_that_was_not_needed_has_a_reason(checked: Checked) -> None:
    unused = actions(checked.deployer) - {need.action for _, need in checked.needs}
    reasons = yaml.safe_load(UNUSED.read_text())
    assert all(reasons.values())
    assert unused - set(reasons) == set(), "neither needed nor listed"
    assert set(reasons) - unused == set(), "needed, or not allowed"


def _plan(**change: Any) -> dict[str, Any]:
    resource = {"address": "aws_x.y", "type": "aws_x", "mode": "managed", "change": change}
    return {"resource_changes": [resource]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"actions": ["update"], "before": {"a": ""}, "after": {"a": "b"}}, []),  # the accepted answer
        ({"actions": ["update"], "before": {"a": "c"}, "after": {"a": "b"}}, ["aws_x.y: a is \"c\""]),
        ({"actions": ["update"], "before": {"b": [{"c": 1}]}, "after": {"b": [{"c": 2}]}}, ["aws_x.y: b.c is 1"]),
        ({"actions": ["delete", "create"], "before": {"a": ""}, "after": {"a": "b"}}, ["aws_x.y: delete/create is"]),
    ],
)  # fmt: skip
def test_only_the_named_attribute_with_the_named_answer_is_accepted(
    change: dict[str, Any], expected: list[str]
) -> None:
    unknown, _ = judged(drifts(_plan(**change)), {("aws_x", "a"): ""})
    assert [drift.startswith(start) for drift, start in zip(unknown, expected, strict=True)] == [True] * len(expected)


def test_an_accepted_difference_that_no_longer_occurs_is_named() -> None:
    assert judged(list[Drift](), {("aws_x", "a"): ""}) == ([], ["aws_x.a"])
