"""Recorded calls against policies: what was not allowed, and what was never used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headgate.errors import RunFailed
from rehearsal.walk.calls import Call, Statement, allowed, judged, matches, read_calls, statements_of
from rehearsal.walk.permissions import Found, explained_by, must_be_least

READ = Statement("Read", True, ("s3:GetObject", "s3:Put*"), ("arn:aws:s3:::lake/own/*",))
NEVER = Statement("Never", False, ("s3:*",), ("arn:aws:s3:::lake/own/secret",))


def _call(action: str, resource: str, role: str = "job") -> Call:
    return Call(role, action, resource, 200)


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


MAY = {"lake-job": [READ], "lake-tick": [Statement("Send", True, ("sqs:SendMessage",), ("*",))]}
ASKED = Found(judged([_call("s3:GetObject", "arn:aws:s3:::lake/own/a", role="lake-job")], MAY))
WHY = {("*-job", "s3:Put*"): "why", ("*-tick", "sqs:SendMessage"): "why"}


def test_least_privilege_holds_where_what_is_not_used_has_its_reason() -> None:
    assert (ASKED.acted, ASKED.idle, ASKED.calls) == (1, ["lake-tick"], 1)
    must_be_least(ASKED, WHY)


@pytest.mark.parametrize(
    ("reasons", "said"),
    [
        ({("*-job", "s3:Put*"): "why"}, "never used:\nlake-tick: Send: sqs:SendMessage"),
        ({**WHY, ("*-tick", "sqs:PurgeQueue"): "why"}, r"reason is given for:\n\*-tick: sqs:PurgeQueue"),
        ({**WHY, ("*-late", "*"): "why"}, r"reason is given for:\n\*-late: \*"),
    ],
)
def test_a_permission_without_a_reason_and_a_reason_without_its_permission_are_told(
    reasons: dict[tuple[str, str], str], said: str
) -> None:
    with pytest.raises(RunFailed, match=said):
        must_be_least(ASKED, reasons)
    must_be_least(ASKED, None)  # a part of a rehearsal asks for little


def test_a_call_that_was_not_allowed_is_told_in_any_case() -> None:
    with pytest.raises(RunFailed, match="not allowed:\nlake-job: sns:Publish on topic"):
        must_be_least(Found(judged([_call("sns:Publish", "topic", role="lake-job")], MAY)), None)


def test_every_permission_that_is_excused_has_a_reason(tmp_path: Path) -> None:
    assert all(explained_by().values())
    empty = tmp_path / "reasons.yaml"
    empty.write_text('[{role: "*", actions: [a:b], reason: " "}]')
    with pytest.raises(ValueError, match="without a reason"):
        explained_by(empty)
