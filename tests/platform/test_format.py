"""Terraform's own form: formatted, valid with the real provider's schema, and nothing that tflint knows better."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from mocked_plan import TERRAFORM, Workspace

FOLDERS = [".", "bootstrap", *sorted({one.parent.relative_to(TERRAFORM).as_posix()
                                      for one in TERRAFORM.glob("modules/**/*.tf")})]  # fmt: skip


@pytest.mark.needs("terraform")
def test_every_file_is_formatted(workspace: Workspace) -> None:
    done = workspace.run("fmt", "-check", "-recursive", "-diff")
    assert done.returncode == 0, f"`terraform fmt -recursive terraform` mends:\n{done.stdout}{done.stderr}"


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_valid(workspace: Workspace, folder: str) -> None:
    done = workspace.run("validate", "-json", module=folder)
    said = json.loads(done.stdout)
    assert (said["valid"], said["diagnostics"]) == (True, [])


def lint(folder: Path) -> list[str]:
    """What tflint says, by rule and place; its bundled rules of the language, without the plugin for AWS."""
    command = ["tflint", "--recursive", "--format=json", f"--config={Path(__file__).with_name('tflint.hcl')}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert not said["errors"], said["errors"]
    places = [(one["rule"]["name"], one["range"]["filename"], one["message"]) for one in said["issues"]]
    return [f"{file}: {message} ({rule})" for rule, file, message in places]


@pytest.mark.needs("tflint")
def test_tflint_finds_nothing() -> None:
    assert lint(TERRAFORM) == []


@pytest.mark.needs("tflint")
def test_tflint_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('variable "unused" {\n  type = string\n}\n')
    found = lint(tmp_path)
    assert any("terraform_unused_declarations" in one for one in found)
    assert any("terraform_documented_variables" in one for one in found)
