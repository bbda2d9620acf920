"""checkov over the code and over a plan: no finding without a reason, and no reason without a finding."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import applied
import pytest
from emulator import EmulatedAccount
from mocked_plan import TERRAFORM
from reasons import Finding, accepted, judged

REASONS = Path(__file__).with_name("checkov_reasons.yaml")


def scan(*what: str, at: Path) -> list[Finding]:
    """checkov's findings, by check and resource. `--skip-download`: it contacts none of its maker's servers."""
    command = ["checkov", *what, "--quiet", "--compact", "--skip-download", "--output", "json"]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, env={**os.environ, "LOG_LEVEL": "ERROR"})
    assert done.returncode in (0, 1), done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report.get("resource_count") != 0, f"checkov found nothing to check: {report}"
    assert report["summary"]["parsing_errors"] == 0, "checkov cannot read all files"
    failed = report["results"]["failed_checks"]
    return [Finding(check["check_id"], check["resource"], check["check_name"]) for check in failed]


def code(at: Path) -> list[Finding]:
    """The findings in the code, without tests and a plan's files."""
    return scan("--directory", ".", "--framework", "terraform", "--skip-path", "tests/", at=at)


@pytest.fixture(scope="module")
def of_code(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    at = tmp_path_factory.mktemp("code") / "terraform"
    shutil.copytree(TERRAFORM, at, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "tests"))
    return code(at)


@pytest.fixture(scope="module")
def of_plan(
    emulator: EmulatedAccount, terraform_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> list[Finding]:
    folder = tmp_path_factory.mktemp("planned")
    with applied.using(emulator, terraform_env):
        lake = applied.unbootstrapped(applied.copy(folder), emulator)
        lake.apply("module.storage.aws_kms_key.lake[0]")  # checkov sees no encryption with a key that is not known yet
        plan = lake.plan()
    (folder / "plan.json").write_text(json.dumps(plan))
    return scan("--file", "plan.json", "--framework", "terraform_plan", at=folder)


@pytest.mark.needs("checkov", "terraform", "ministack")
def test_code_and_plan_have_no_finding_without_a_reason(of_code: list[Finding], of_plan: list[Finding]) -> None:
    without, _ = judged([*of_code, *of_plan], accepted(REASONS))
    assert not without, "\n".join(sorted(set(without)))


@pytest.mark.needs("checkov", "terraform", "ministack")
def test_every_reason_is_still_needed(of_code: list[Finding], of_plan: list[Finding]) -> None:
    _, stale = judged([*of_code, *of_plan], accepted(REASONS))
    assert stale == []


@pytest.mark.needs("checkov")
def test_a_public_bucket_is_found(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket_public_access_block" "b" {\n  bucket = "b"\n}\n')
    assert "CKV_AWS_53" in {finding.name for finding in code(tmp_path)}


def test_a_reason_covers_its_own_place_only(tmp_path: Path) -> None:
    file = tmp_path / "reasons.yaml"
    file.write_text("- {finding: A, where: ['m.x[\"*\"]'], text: b, reason: because}\n")
    findings = [Finding("A", 'm.x["1"]', "a b c"), Finding("A", "m.y", "b"), Finding("A", 'm.x["2"]', "c")]
    without, stale = judged(findings, accepted(file))
    assert (without, stale) == (['A m.x["2"]: c', "A m.y: b"], [])
    assert judged([], accepted(file)) == ([], ['A m.x["*"] (b)'])
    file.write_text("- {finding: A, where: [m.x], reason: ''}\n")
    with pytest.raises(AssertionError):
        accepted(file)
