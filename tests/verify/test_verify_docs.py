"""The page says of the probes what the code does, and its policy allows what they ask for, and no more services."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from verify_account import Account

import needs
from headgate.cost import PRICES, read_prices
from headgate.verify.estimate import estimate
from headgate.verify.probes import PROBES
from headgate.verify.runner import chosen, verify
from headgate.verify.scene import Scene

PAGE = (needs.ROOT / "docs/VERIFY.md").read_text(encoding="utf-8")
ROWS = re.findall(r"(?m)^\| `([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", PAGE)
S3 = {
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
}
# What services ask for in the caller's name: Athena of catalog and buckets, S3 of the key.
INDIRECTLY = {"glue:GetDatabase", "s3:GetBucketLocation", "kms:Decrypt", "kms:GenerateDataKey"}


def allowed() -> set[str]:
    policy = json.loads(re.findall(r"(?s)```json\n(.+?)```", PAGE)[0])
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def test_the_page_names_every_probe_in_order_with_its_claim_and_what_it_sends() -> None:
    told = [(name, claim, sent) for name, claim, sent, *_ in ROWS]
    assert told == [(one.name, one.claim, one.sent) for one in PROBES.values()]


def test_the_page_says_of_every_probe_whether_it_has_run_on_an_account() -> None:
    said = [row[-1] for row in ROWS]
    assert len(said) == len(PROBES)
    assert [one for one in said if not re.fullmatch(r"none yet|20\d\d-\d\d-\d\d.*", one)] == []


def test_the_page_says_what_all_of_it_costs(scene: Scene) -> None:
    prices = read_prices(needs.ROOT / PRICES)
    assert str(estimate(scene.target, list(PROBES), prices)) in PAGE
    first = estimate(scene.target, ["console-run"], prices).expected
    for name, *_, usd, _ in ROWS:
        if name in ("wheels", "keys-and-logs"):
            assert usd == "0"
            continue
        more = 0.0 if name == "console-run" else first
        run = estimate(scene.target, [name], prices).expected - more
        assert float(usd) == pytest.approx(run, abs=0.015), name


def test_the_policy_allows_every_operation_that_is_asked_for(account: Account, scene: Scene) -> None:
    account.wrong("DescribeExecution", _interrupted_once())
    verify(scene, list(PROBES.values()))  # interrupted: also what is stopped is asked for
    account.wrong("DescribeExecution", lambda _, said: said)
    verify(scene, chosen(["unaudited-rows"]))
    account.queries["q-new"] = ("SELECT 1", account.time.at + timedelta(days=1))
    scene.traces.queries.append("q-new")  # one that has not ended
    verify(scene, [])
    asked = {operation for operation, _ in account.asked}
    assert len(asked) > 20
    actions = {_action(scene, operation) for operation in asked}
    assert actions - allowed() == set()
    assert allowed() - actions == INDIRECTLY


def test_the_policy_has_no_wildcard_among_its_actions() -> None:
    assert [action for action in allowed() if "*" in action] == []


def _interrupted_once():  # type: ignore[no-untyped-def]
    asked = []

    def change(params, said):  # type: ignore[no-untyped-def]
        asked.append(params)
        if len(asked) == 9:
            raise KeyboardInterrupt
        return said

    return change


def _action(scene: Scene, operation: str) -> str:
    if operation in S3:
        return S3[operation]
    service = next(
        name for name, client in vars(scene.aws).items() if operation in client.meta.service_model.operation_names
    )
    return f"{service}:{operation}"
