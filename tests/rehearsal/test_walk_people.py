"""What people do by the guide, in their names."""

from __future__ import annotations

import base64
import json

import pytest

from headgate.errors import RunFailed
from rehearsal.walk import people
from rehearsal.walk.people import Task, must_be_allowed, role_arn, tasks
from rehearsal.walk.sign_in import _token

OUTPUTS = {
    "lake": {"name": "lake"}, "buckets": {"warehouse": "w", "reports": "r", "staging": "s"}, "jobs": {"orders": "j"},
    "queues": {"orders": "q"}, "roles": {"engineer": "e", "operator": "o"},
}  # fmt: skip


def test_engineers_and_operators_both_have_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "clients_of", lambda account, role: None)
    done = list(tasks(None, OUTPUTS, "orders"))  # type: ignore[arg-type]
    assert {task.role for task in done} == {"engineer", "operator"}
    assert any("run-job" in task.what for task in done) and any("schedule" in task.what for task in done)


def test_a_task_that_fails_fails_the_rehearsal() -> None:
    def refuse() -> None:
        raise PermissionError("no")

    must_be_allowed(Task("operator", "look", lambda: None))
    with pytest.raises(RunFailed, match="operator could not look: no"):
        must_be_allowed(Task("operator", "look", refuse))


def test_a_role_is_known_before_terraforms_outputs_are() -> None:
    assert role_arn("lake", "engineer") == "arn:aws:iam::123456789012:role/lake-engineer"


def test_githubs_token_names_repository_and_environment() -> None:
    claims = _token({"sub": "repo:a/b:environment:c"}).split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) == {"sub": "repo:a/b:environment:c"}
