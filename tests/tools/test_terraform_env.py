"""tools/terraform_env.sh finds a mirror of providers if there is one, and otherwise prints nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from needs import ROOT


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment with a program named terraform and without any of its variables."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    return {**inherited, "PATH": f"{program.parent}:{os.environ['PATH']}"}


def printed(root: Path, env: dict[str, str]) -> str:
    script = str(ROOT / "tools" / "terraform_env.sh")
    return subprocess.run([script, str(root)], env=env, capture_output=True, text=True, check=True).stdout


def a_mirror(root: Path) -> Path:
    mirror = root / "some" / "place" / "mirror"
    (mirror / "registry.example" / "hashicorp" / "aws" / "5.100.0").mkdir(parents=True)
    return mirror


def test_a_mirror_on_disk_becomes_the_source_of_providers(tmp_path, shell):
    mirror = a_mirror(tmp_path)
    assert printed(tmp_path, shell) == f'export TF_CLI_ARGS_init="-plugin-dir={mirror}"\n'


def test_what_is_printed_can_be_evaluated_by_a_shell(tmp_path, shell):
    mirror = a_mirror(tmp_path)
    script = f'eval "$({ROOT}/tools/terraform_env.sh {tmp_path})"; printf %s "$TF_CLI_ARGS_init"'
    answer = subprocess.run(["sh", "-c", script], env=shell, capture_output=True, text=True, check=True)
    assert answer.stdout == f"-plugin-dir={mirror}"


def test_without_a_mirror_nothing_is_set(tmp_path, shell):
    assert printed(tmp_path, shell) == ""


def test_arguments_already_given_are_left_alone(tmp_path, shell):
    a_mirror(tmp_path)
    assert printed(tmp_path, {**shell, "TF_CLI_ARGS_init": "-upgrade"}) == ""


def test_a_settings_file_that_is_missing_is_unset_and_one_that_exists_is_kept(tmp_path, shell):
    file = tmp_path / "terraform.rc"
    assert printed(tmp_path, {**shell, "TF_CLI_CONFIG_FILE": str(file)}) == "unset TF_CLI_CONFIG_FILE\n"
    file.touch()
    assert printed(tmp_path, {**shell, "TF_CLI_CONFIG_FILE": str(file)}) == ""
