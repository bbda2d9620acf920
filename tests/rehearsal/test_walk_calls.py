"""Recorded calls compared with policies: those not allowed, and permissions that were never used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.iam.policy import matches, statements_of
from rehearsal.walk.calls import Call, RecordedCalls, compared, read_calls

POLICY = {
    "Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::lake/own/*",
    "Condition": {"StringEquals": {"aws:PrincipalArn": "job"}},
}  # fmt: skip
READ = statements_of({"Statement": POLICY})
LINE = {"time": 7.0, "role": "job", "action": "s3:GetObject", "resource": "arn:aws:s3:::lake/own/a", "status": 200,
        "via": "http", "judged": "allowed"}  # fmt: skip


def _call(action: str, resource: str, judged: str = "allowed", **keys: str) -> Call:
    return Call("job", action, resource, 200 if judged == "allowed" else 403, judged, tuple(keys.items()))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("s3:Get*", "s3:GetObject", True), ("a?c", "abc", True), ("a?c", "ac", False), ("a.c", "abc", False),
     ("arn:*:table/x", "arn:aws:glue:eu:1:table/x", True)],
)  # fmt: skip
def test_only_iams_wildcards_are_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def _read(tmp_path: Path, *lines: dict[str, object]) -> RecordedCalls:
    (tmp_path / "calls").write_text("".join(f"{json.dumps({**LINE, **line})}\n" for line in lines))
    return read_calls(tmp_path / "calls", 5.0)


def test_a_role_is_compared_by_what_it_lacks_and_what_it_never_used() -> None:
    calls = [_call("s3:GetObject", "arn:aws:s3:::lake/own/a"), _call("sns:Publish", "topic", "identity")]
    (role,) = compared(calls, {"job": READ})
    assert role.refused == ("sns:Publish on topic",)
    assert (role.used, role.unused) == (("Read: s3:GetObject",), ("Read: s3:Put*",))


@pytest.mark.parametrize(
    ("judged", "keys", "refused"),
    [
        ("identity", {"aws:principalarn": "job"}, ()),  # a permission that a fault on purpose took away for a while
        (
            "identity",
            {"aws:principalarn": "other"},
            ("s3:GetObject on arn:aws:s3:::lake/own/a",),
        ),  # its condition fails
        ("resource", {"aws:principalarn": "job"}, ("s3:GetObject on arn:aws:s3:::lake/own/a",)),
        ("limit", {"aws:principalarn": "job"}, ("s3:GetObject on arn:aws:s3:::lake/own/a",)),
        ("deny", {"aws:principalarn": "job"}, ("s3:GetObject on arn:aws:s3:::lake/own/a",)),
    ],
)
def test_a_refusal_counts_unless_it_lacked_only_a_permission_that_is_there_by_now(
    judged: str, keys: dict[str, str], refused: tuple[str, ...]
) -> None:
    (role,) = compared([_call("s3:GetObject", "arn:aws:s3:::lake/own/a", judged, **keys)], {"job": READ})
    assert role.refused == refused


def test_calls_of_the_accounts_own_key_and_earlier_ones_are_left_out(tmp_path: Path) -> None:
    recorded = _read(tmp_path, {}, {"role": ""}, {"time": 4.0, "role": "late"}, {"action": "sts:GetCallerIdentity"})
    assert [(call.role, call.action) for call in recorded.roles] == [("job", "s3:GetObject")]


def test_what_nothing_judged_is_told(tmp_path: Path) -> None:
    recorded = _read(tmp_path, {"judged": ""}, {"judged": "", "action": "s3:PutObject", "status": 400})
    assert compared(recorded.roles, {})[0].unjudged == ("s3:GetObject on arn:aws:s3:::lake/own/a",)


def test_what_services_were_refused_and_what_was_taken_as_fulfilled_is_told(tmp_path: Path) -> None:
    service = {"role": "", "via": "events.amazonaws.com", "action": "sns:Publish", "resource": "topic"}
    tls = {"assumed": ["Bool aws:SecureTransport"]}
    recorded = _read(
        tmp_path, {**service, "judged": "resource"}, {**service, "judged": "allowed", "resource": "b"}, tls, tls
    )
    assert recorded.refused_services == ["events.amazonaws.com: sns:Publish on topic"]
    assert (recorded.assumed, recorded.judged) == ({"Bool aws:SecureTransport": 2}, 4)
