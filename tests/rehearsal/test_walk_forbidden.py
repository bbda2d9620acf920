"""What people must not do: every role tries something, and an attempt that is not refused fails the rehearsal."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from headgate.errors import RunFailed
from rehearsal.walk import forbidden
from rehearsal.walk.forbidden import Attempt, attempts, attempts_of_deployer, must_be_refused

OUTPUTS = {
    "lake": {"name": "lake", "region": "eu-west-1", "account_id": "123456789012"},
    "buckets": {name: f"lake-{name}" for name in ("staging", "warehouse", "reports", "athena_results")},
    "jobs": {"orders": "lake-refine-orders"},
    "roles": {name: f"arn:aws:iam::123456789012:role/lake-{name}" for name in ("analyst", "engineer", "operator")},
    "engineers_workgroup": "lake-engineers",
    "github_role": "arn:aws:iam::123456789012:role/lake-github",
    "deploy_policies": {"data": "arn:aws:iam::123456789012:policy/lake-deploy-data"},
}


def _ends(code: str = "") -> Attempt:
    def call() -> None:
        if code:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    return Attempt("analyst", "read b/k", call)


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_refusal_is_what_is_wanted(code: str) -> None:
    must_be_refused(_ends(code))


@pytest.mark.parametrize(("code", "why"), [("", "was allowed"), ("NoSuchKey", "got another error")])
def test_anything_else_fails(code: str, why: str) -> None:
    with pytest.raises(RunFailed, match=f"analyst tried to read b/k, and {why}"):
        must_be_refused(_ends(code))


def test_every_role_for_people_tries_to_read_to_write_and_to_pass_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forbidden, "clients_of", lambda account, role: None)
    tried = list(attempts(None, OUTPUTS))  # type: ignore[arg-type]
    for role in OUTPUTS["roles"]:
        words = {attempt.what.split()[0] for attempt in tried if attempt.role == role}
        assert words >= {"read", "write", "start", "give", "replace", "take"}, role
    assert any(attempt.what == "query in lake-engineers" for attempt in tried)


@pytest.mark.parametrize(
    "place",
    ["athena_results/analysts/", "athena_results/engineers/", "athena_results/etl/", "warehouse/_work/",
     "warehouse/quarantine/", "warehouse/ledger/", "staging/staging/", "staging/incoming/", "reports/runs/"],
)  # fmt: skip
def test_an_analyst_tries_to_read_everything_that_is_not_published(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(forbidden, "clients_of", lambda account, role: None)
    tried = {attempt.what for attempt in attempts(None, OUTPUTS) if attempt.role == "analyst"}  # type: ignore[arg-type]
    assert any(what.startswith(f"read lake-{place}") for what in tried)


def test_a_deployer_tries_every_way_to_become_more_than_a_deployer() -> None:
    tried = [attempt.what for attempt in attempts_of_deployer(lambda name: None, OUTPUTS)]
    for words in ("to itself", "its own role", "its own policy", "without the boundary", "another lake", "a release"):
        assert any(words in what for what in tried), words
