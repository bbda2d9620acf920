"""Least privilege: unused permissions need a reason, and a reason needs its permission."""

from __future__ import annotations

from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.iam.policy import Statement
from rehearsal.walk.calls import Call, compared
from rehearsal.walk.permissions import PermissionUse, must_be_least, read_reasons

POLICIES = {
    "lake-job": [Statement("Read", True, ("s3:GetObject", "s3:Put*"), resources=("arn:aws:s3:::lake/own/*",))],
    "lake-tick": [Statement("Send", True, ("sqs:SendMessage",), resources=("*",))],
}
USE = PermissionUse(compared([Call("lake-job", "s3:GetObject", "arn:aws:s3:::lake/own/a", 200)], POLICIES))
REASONS = {("*-job", "s3:Put*"): "why", ("*-tick", "sqs:SendMessage"): "why"}


def test_least_privilege_is_kept_where_every_unused_permission_has_its_reason() -> None:
    assert (USE.acted, USE.idle, USE.calls) == (1, ["lake-tick"], 1)
    must_be_least(USE, REASONS)


@pytest.mark.parametrize(
    ("reasons", "message"),
    [
        ({("*-job", "s3:Put*"): "why"}, "never used:\nlake-tick: Send: sqs:SendMessage"),
        ({**REASONS, ("*-tick", "sqs:PurgeQueue"): "why"}, r"this reason is for:\n\*-tick: sqs:PurgeQueue"),
        ({**REASONS, ("*-late", "*"): "why"}, r"this reason is for:\n\*-late: \*"),
    ],
)
def test_a_permission_without_a_reason_and_a_reason_without_its_permission_are_reported(
    reasons: dict[tuple[str, str], str], message: str
) -> None:
    with pytest.raises(RunFailed, match=message):
        must_be_least(USE, reasons)
    must_be_least(USE, None)  # a part of a rehearsal uses few permissions


def test_a_call_that_was_not_allowed_is_reported_in_any_case() -> None:
    refused = compared([Call("lake-job", "sns:Publish", "topic", 403, "identity")], POLICIES)
    with pytest.raises(RunFailed, match="not allowed:\nlake-job: sns:Publish on topic"):
        must_be_least(PermissionUse(refused), None)
    with pytest.raises(RunFailed, match=r"not allowed:\nevents\.amazonaws\.com: sns:Publish on topic"):
        must_be_least(PermissionUse([], services=["events.amazonaws.com: sns:Publish on topic"]), None)


def test_a_call_that_nothing_judged_is_reported() -> None:
    unjudged = compared([Call("lake-job", "sns:Publish", "topic", 200, "")], POLICIES)
    with pytest.raises(RunFailed, match="judged by no policy:\nlake-job: sns:Publish on topic"):
        must_be_least(PermissionUse(unjudged), None)


def test_every_permission_that_stays_has_a_reason(tmp_path: Path) -> None:
    assert all(read_reasons().values())
    empty = tmp_path / "reasons.yaml"
    empty.write_text('[{role: "*", actions: [a:b], reason: " "}]')
    with pytest.raises(ValueError, match="without a reason"):
        read_reasons(empty)
