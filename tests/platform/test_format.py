"""The form of Terraform's files: formatted, valid by the real provider's schema, and without a finding of tflint."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from mocked_plan import TERRAFORM, Workspace

FOLDERS = [".", "bootstrap", *sorted({file.parent.relative_to(TERRAFORM).as_posix()
                                      for file in TERRAFORM.glob("modules/**/*.tf")})]  # fmt: skip


@pytest.mark.needs("terraform")
def test_every_file_is_formatted(workspace: Workspace) -> None:
    done = workspace.run("fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, f"Run `terraform fmt -recursive terraform`:\n{done.stdout}{done.stderr}"


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_valid(workspace: Workspace, folder: str) -> None:
    done = workspace.run("validate", "-json", module=folder)
    report = json.loads(done.stdout)
    assert (report["valid"], report["diagnostics"]) == (True, [])


def lint(folder: Path) -> list[str]:
    """tflint's findings with file and rule, by its bundled rules for the language, without the plugin for AWS."""
    command = ["tflint", "--recursive", "--format=json", f"--config={Path(__file__).with_name('tflint.hcl')}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert not report["errors"], report["errors"]
    return [f"{issue['range']['filename']}: {issue['message']} ({issue['rule']['name']})" for issue in report["issues"]]


@pytest.mark.needs("tflint")
def test_tflint_finds_nothing() -> None:
    assert lint(TERRAFORM) == []


@pytest.mark.needs("tflint")
def test_tflint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('variable "unused" {\n  type = string\n}\n')
    findings = lint(tmp_path)
    assert any("terraform_unused_declarations" in finding for finding in findings)
    assert any("terraform_documented_variables" in finding for finding in findings)
