"""Recorded calls against policies: what was not allowed, and what was never used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.calls import Call, Statement, allowed, judged, matches, read_calls, statements_of

READ = Statement("Read", True, ("s3:GetObject", "s3:Put*"), ("arn:aws:s3:::lake/own/*",))
NEVER = Statement("Never", False, ("s3:*",), ("arn:aws:s3:::lake/own/secret",))


def _call(action: str, resource: str) -> Call:
    return Call("job", action, resource, 200)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [("s3:Get*", "s3:GetObject", True), ("a?c", "abc", True), ("a?c", "ac", False), ("a.c", "abc", False),
     ("arn:*:table/x", "arn:aws:glue:eu:1:table/x", True)],
)  # fmt: skip
def test_a_wildcard_is_iams_and_nothing_else_is_one(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:getobject", "arn:aws:s3:::lake/own/a", True),  # actions know no case
        ("s3:GetObject", "arn:aws:s3:::lake/other/a", False),
        ("s3:DeleteObject", "arn:aws:s3:::lake/own/a", False),
        ("s3:GetObject", "arn:aws:s3:::lake/own/secret", False),  # denied wins
    ],
)
def test_a_call_is_allowed_as_iam_decides(action: str, resource: str, expected: bool) -> None:
    assert allowed(_call(action, resource), [READ, NEVER]) is expected


def test_a_role_is_told_what_it_lacks_and_what_it_never_used() -> None:
    calls = [_call("s3:GetObject", "arn:aws:s3:::lake/own/a"), _call("sns:Publish", "topic")]
    (found,) = judged(calls, {"job": [READ]})
    assert found.refused == ("sns:Publish on topic",)
    assert (found.used, found.unused) == (("Read: s3:GetObject",), ("Read: s3:Put*",))


def test_a_table_of_glue_is_asked_for_with_its_database_and_its_catalog(tmp_path: Path) -> None:
    table = "arn:aws:glue:eu:1:table/db/t"
    line = {"time": 7.0, "role": "job", "action": "glue:GetTable", "resource": table, "status": 200}
    account = {**line, "role": ""}
    (tmp_path / "calls").write_text(f"{json.dumps(line)}\n{json.dumps(account)}\n")
    assert {one.resource.rpartition(":")[2] for one in read_calls(tmp_path / "calls")} == {
        "table/db/t", "database/db", "catalog",
    }  # fmt: skip


def test_only_calls_since_a_time_are_read_when_it_is_given(tmp_path: Path) -> None:
    line = {"time": 7.0, "role": "job", "action": "s3:GetObject", "resource": "arn:aws:s3:::lake/a", "status": 200}
    (tmp_path / "calls").write_text(f"{json.dumps(line)}\n{json.dumps({**line, 'time': 9.0, 'role': 'late'})}\n")
    assert [one.role for one in read_calls(tmp_path / "calls", 8.0)] == ["late"]


def test_a_statement_that_is_not_understood_is_refused_and_not_passed_over() -> None:
    with pytest.raises(ValueError, match="NotAction"):
        statements_of({"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]})


def test_every_permission_that_is_excused_has_a_reason() -> None:
    from rehearsal.permissions import REASONS, explained_by

    assert explained_by(REASONS)
