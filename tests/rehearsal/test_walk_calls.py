"""Recorded calls compared with policies: those not allowed, and permissions that were never used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.walk.calls import Call, PolicyStatement, allowed, compared, matches, read_calls, statements_of

READ = PolicyStatement("Read", True, ("s3:GetObject", "s3:Put*"), ("arn:aws:s3:::lake/own/*",))
NEVER = PolicyStatement("Never", False, ("s3:*",), ("arn:aws:s3:::lake/own/secret",))


def _call(action: str, resource: str) -> Call:
    return Call("job", action, resource, 200)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("s3:Get*", "s3:GetObject", True), ("a?c", "abc", True), ("a?c", "ac", False), ("a.c", "abc", False),
     ("arn:*:table/x", "arn:aws:glue:eu:1:table/x", True)],
)  # fmt: skip
def test_only_iams_wildcards_are_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:getobject", "arn:aws:s3:::lake/own/a", True),  # the case of actions does not count
        ("s3:GetObject", "arn:aws:s3:::lake/other/a", False),
        ("s3:DeleteObject", "arn:aws:s3:::lake/own/a", False),
        ("s3:GetObject", "arn:aws:s3:::lake/own/secret", False),  # Deny wins
    ],
)
def test_a_call_is_allowed_as_iam_decides(action: str, resource: str, expected: bool) -> None:
    assert allowed(_call(action, resource), [READ, NEVER]) is expected


def test_a_role_is_compared_by_what_it_lacks_and_what_it_never_used() -> None:
    calls = [_call("s3:GetObject", "arn:aws:s3:::lake/own/a"), _call("sns:Publish", "topic")]
    (role,) = compared(calls, {"job": [READ]})
    assert role.refused == ("sns:Publish on topic",)
    assert (role.used, role.unused) == (("Read: s3:GetObject",), ("Read: s3:Put*",))


def test_a_call_on_a_glue_table_counts_for_its_database_and_its_catalog_too(tmp_path: Path) -> None:
    table = "arn:aws:glue:eu:1:table/db/t"
    line = {"time": 7.0, "role": "job", "action": "glue:GetTable", "resource": table, "status": 200}
    account = {**line, "role": ""}
    (tmp_path / "calls").write_text(f"{json.dumps(line)}\n{json.dumps(account)}\n")
    assert {call.resource.rpartition(":")[2] for call in read_calls(tmp_path / "calls")} == {
        "table/db/t", "database/db", "catalog",
    }  # fmt: skip


def test_only_calls_since_a_time_are_read_when_it_is_given(tmp_path: Path) -> None:
    line = {"time": 7.0, "role": "job", "action": "s3:GetObject", "resource": "arn:aws:s3:::lake/a", "status": 200}
    (tmp_path / "calls").write_text(f"{json.dumps(line)}\n{json.dumps({**line, 'time': 9.0, 'role': 'late'})}\n")
    assert [call.role for call in read_calls(tmp_path / "calls", 8.0)] == ["late"]


def test_a_statement_that_is_not_supported_is_refused_and_not_skipped() -> None:
    with pytest.raises(ValueError, match="NotAction"):
        statements_of({"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]})
