"""The pages of the modules: their examples plan, and their tables are what the code says now."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from mocked_plan import TERRAFORM, Workspace

MODULES = sorted(page.parent.relative_to(TERRAFORM).as_posix() for page in TERRAFORM.glob("modules/**/README.md"))
MARK = "<!-- table: written by a machine, see tests/terraform/test_pages.py -->\n"
REWRITE = "HEADGATE_REWRITE_TABLES=1 .venv/bin/python -m pytest tests/terraform/test_pages.py -k table"
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def table(module: str) -> str:
    """Inputs and outputs of a module, from its files."""
    rows: dict[str, list[str]] = {"variable": [], "output": []}
    for file in sorted((TERRAFORM / module).glob("*.tf")):
        for kind, name, body in BLOCK.findall(file.read_text()):
            said = re.search(r'description = "((?:[^"\\]|\\.)*)"', body)
            default = re.search(r"^  default\s+= (.+)$", body, re.MULTILINE)
            what = said[1].replace('\\"', '"').replace("|", "\\|") if said else ""
            given = f" Default `{default[1]}`." if default else ""
            rows[kind].append(f"| `{name}` | {what}{given} |")
    parts = []
    for kind, title in (("variable", "Input"), ("output", "Output")):
        if rows[kind]:
            parts.append("\n".join([f"| {title} | |", "|---|---|", *sorted(rows[kind])]))
    return "\n" + "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("module", MODULES)
def test_the_table_is_what_the_code_says(module: str) -> None:
    page = TERRAFORM / module / "README.md"
    text, found, actual = page.read_text().partition(MARK)
    assert found, f"{page} lacks the line {MARK}"
    if os.environ.get("HEADGATE_REWRITE_TABLES"):
        page.write_text(text + MARK + table(module))
        return
    assert actual == table(module), f"{page} is stale:\n  {REWRITE}"


@pytest.mark.needs("terraform")
@pytest.mark.parametrize("module", MODULES)
def test_the_example_plans(workspace: Workspace, module: str) -> None:
    example = re.search(r"```hcl\n(.*?)```", (TERRAFORM / module / "README.md").read_text(), re.DOTALL)
    assert example, f"terraform/{module}/README.md has no example"
    folder = Path("examples") / module.replace("/", "-")
    (workspace.at / folder / "tests").mkdir(parents=True, exist_ok=True)
    (workspace.at / folder / "main.tf").write_text(example[1].replace('"./', '"../../'))
    (workspace.at / folder / "versions.tf").write_text((TERRAFORM / "versions.tf").read_text())
    mock = 'mock_provider "aws" {\n  source = "../../tests/mocks"\n}\n'
    (workspace.at / folder / "tests" / "plan.tftest.hcl").write_text(f'{mock}run "plan" {{\n  command = plan\n}}\n')
    done = workspace.run("test", "-no-color", module=str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout, done.stdout
