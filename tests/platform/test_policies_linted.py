"""parliament checks every policy of the whole plan: actions and conditions exist, resources match the actions."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mocked_plan import Plan
from reasons import Finding, accepted, judged

REASONS = Path(__file__).with_name("policy_reasons.yaml")
KINDS = ("policy", "assume_role_policy")
ROLE = "arn:aws:iam::123456789012:role/test"


def policies(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy with its address; a trust policy gets a role as its resource, which parliament requires."""
    for address, values in plan.values.items():
        for kind in KINDS:
            if isinstance(values.get(kind), str):
                policy = json.loads(values[kind])
                for statement in policy["Statement"] if kind == "assume_role_policy" else ():
                    statement["Resource"] = ROLE
                yield f"{address}.{kind}", policy


def lint(named: Mapping[str, dict[str, Any]], folder: Path) -> list[Finding]:
    """parliament's findings in each policy; the place is the policy's name."""
    files = {f"{number:03}.json": name for number, name in enumerate(named)}
    for file, name in files.items():
        (folder / file).write_text(json.dumps(named[name]))
    command = ["parliament", "--directory", str(folder), "--include_policy_extension", "json", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    assert done.returncode in (0, 1), done.stderr
    issues = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [
        Finding(issue["issue"], files[Path(issue["location"]["filepath"]).name], detail)
        for issue in issues
        for detail in _details(issue["detail"])
    ]


def _details(detail: Any) -> list[str]:
    """Each part of a finding's detail, so that a reason for one part does not cover another."""
    parts = detail if isinstance(detail, list) else [detail]
    return [
        f"{part['action']} needs {part['required_format']}" if isinstance(part, dict) else str(part) for part in parts
    ]


@pytest.fixture(scope="module")
def findings(lake: Plan, tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    named = dict(policies(lake))
    assert len(named) > 40
    return lint(named, tmp_path_factory.mktemp("policies"))


@pytest.mark.needs("terraform", "parliament")
def test_no_policy_has_a_finding_without_a_reason(findings: list[Finding]) -> None:
    without, _ = judged(findings, accepted(REASONS))
    assert not without, "\n".join(without)


@pytest.mark.needs("terraform", "parliament")
def test_every_reason_is_still_needed(findings: list[Finding]) -> None:
    _, stale = judged(findings, accepted(REASONS))
    assert stale == []


@pytest.mark.needs("parliament")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Action": "s3:GetObjekt"}, "UNKNOWN_ACTION"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket"}, "RESOURCE_MISMATCH"),
        ({"Action": "s3:*", "Resource": "*"}, "RESOURCE_STAR"),
        ({"Condition": {"StringEqual": {"aws:SourceAccount": "1"}}}, "UNKNOWN_OPERATOR"),
    ],
)
def test_a_fault_in_a_policy_is_found(changed: dict[str, Any], expected: str, tmp_path: Path) -> None:
    good = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key"}
    named = {
        "good": {"Version": "2012-10-17", "Statement": [good]},
        "bad": {"Version": "2012-10-17", "Statement": [{**good, **changed}]},
    }
    findings = lint(named, tmp_path)
    assert {finding.where for finding in findings} == {"bad"}
    assert expected in {finding.name for finding in findings}
