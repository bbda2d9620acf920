"""`terraform test` of every folder: what each creates, and what it refuses. And the form of Terraform's files."""

from __future__ import annotations

import re
import subprocess

import pytest
from mocked_plan import TERRAFORM, Workspace

pytestmark = pytest.mark.needs("terraform")

FOLDERS = [".", "bootstrap", *sorted(
    path.relative_to(TERRAFORM).as_posix() for path in TERRAFORM.glob("modules/**") if (path / "versions.tf").is_file()
)]  # fmt: skip
BLOCK = re.compile(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
LONGEST = 139  # characters of a line


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_creates_and_refuses_what_its_tests_say(workspace: Workspace, folder: str) -> None:
    done = workspace.run("test", "-no-color", module=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 passed" not in done.stdout, f"terraform/{folder} has no test"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_valid(workspace: Workspace, folder: str) -> None:
    done = workspace.run("validate", "-no-color", module=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout, done.stdout


def test_every_file_is_formatted(terraform_env: dict[str, str]) -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "-diff"],
        cwd=TERRAFORM, env=terraform_env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"Run `terraform -chdir=terraform fmt -recursive`.\n{done.stdout}"


def test_no_line_is_too_long() -> None:
    names = ("*.tf", "*.tftest.hcl", "*.tfmock.hcl", "*.tfvars")
    files = [file for name in names for file in sorted(TERRAFORM.rglob(name)) if ".terraform" not in file.parts]
    assert len(files) > 60
    long = [
        f"{file.relative_to(TERRAFORM)}:{number}: {len(line)} characters"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert not long, f"Break these lines after {LONGEST} characters:\n" + "\n".join(long)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_variable_and_output_is_described(folder: str) -> None:
    text = "".join(file.read_text() for file in sorted((TERRAFORM / folder).glob("*.tf")))
    bare = [name for name, body in BLOCK.findall(text) if "description" not in body]
    assert not bare, f"terraform/{folder}: without a description: {', '.join(bare)}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_versions_are_the_same_everywhere(folder: str) -> None:
    versions = (TERRAFORM / folder / "versions.tf").read_text()
    root = (TERRAFORM / "versions.tf").read_text()
    assert re.search(r"required_version = .*", versions)[0] == re.search(r"required_version = .*", root)[0]  # type: ignore[index]
    assert 'source  = "hashicorp/aws"' not in versions or re.search(r'version = "5.*"', versions)[0] in root  # type: ignore[index]


@pytest.mark.parametrize("folder", [".", "bootstrap"])
def test_the_lock_file_serves_every_platform(folder: str) -> None:
    lock = (TERRAFORM / folder / ".terraform.lock.hcl").read_text()
    assert lock == (TERRAFORM / ".terraform.lock.hcl").read_text()
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', lock)) >= 12, "zip hashes of all platforms are in the lock"


@pytest.mark.parametrize("folder", FOLDERS[2:])
def test_every_module_has_a_page_that_begins_with_an_example(folder: str) -> None:
    page = TERRAFORM / folder / "README.md"
    assert page.is_file(), f"terraform/{folder}/README.md is missing"
    assert "```hcl\nmodule " in page.read_text()[:1200]


def test_no_file_of_terraform_names_a_dataset_of_the_demo() -> None:
    from needs import ROOT

    names = {file.stem for file in (ROOT / "contracts").rglob("*.yaml") if file.name[0] not in "_."}
    if not names:
        pytest.skip("no demo contracts")
    word = re.compile(rf"\b({'|'.join(sorted(names))})\b")
    found = [
        f"{file.relative_to(TERRAFORM)}: {word.search(line)[0]}"  # type: ignore[index]
        for file in sorted(TERRAFORM.rglob("*.tf"))
        if ".terraform" not in file.parts
        for line in file.read_text().splitlines()
        if word.search(line.split("#")[0])
    ]
    assert not found, f"only contracts and SQL may name a dataset: {found}"
