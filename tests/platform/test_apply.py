"""The whole lake, applied, planned again and destroyed on the emulator; its state lies in bootstrap's bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import applied
import pytest
from drift import Drift, drifts, judged, known
from emulator import ACCOUNT, REGION, Emulator, patiently
from inventory import inventory
from mocked_plan import Plan

pytestmark = pytest.mark.needs("terraform", "ministack")

BUCKETS = tuple(f"headgate-{role}-{ACCOUNT}-{REGION}" for role in ("state", "artifacts"))


@dataclass(frozen=True)
class Life:
    """What was seen from an empty account to an empty account: names by kind, plans, state."""

    seen: dict[str, dict[str, set[str]]]
    state: list[str]
    folders: dict[str, str]  # version by key
    second_plan: dict[str, Any]
    second_plan_of_bootstrap: dict[str, Any]


@pytest.fixture(scope="module")
def life(emulator: Emulator, terraform_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Life:
    at = applied.copy(tmp_path_factory.mktemp("applied"))
    bootstrap = applied.Applied(at / "bootstrap", {"region": REGION, "allowed_account_ids": [ACCOUNT]})
    lake = applied.lake(at)
    with applied.speaking_to(emulator, terraform_env), ThreadPoolExecutor() as beside:
        seen = {"at first": inventory(emulator)}
        bootstrap.init()
        # The provider looks at a lifecycle for 50 seconds before it believes it; what the lake needs is there before.
        bootstrapped = beside.submit(bootstrap.apply)
        patiently(lambda: [emulator.client("s3").get_bucket_encryption(Bucket=one) for one in BUCKETS])
        patiently(lambda: emulator.client("kms").describe_key(KeyId="alias/headgate-artifacts"))
        seen["after bootstrap"] = inventory(emulator)
        applied.put_release(emulator)
        lake.init(**applied.backend())
        lake.apply()
        bootstrapped.result()
        seen["applied"], state, folders = inventory(emulator), lake.state(), _folders(emulator)
        second = lake.plan(), bootstrap.plan()
        lake.destroy()
        seen["destroyed"] = inventory(emulator)
        _empty(emulator)
        bootstrap.destroy()
        seen["at last"] = inventory(emulator)
    return Life(seen, state, folders, *second)


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
