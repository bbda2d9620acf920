"""The modules' pages: their examples plan, and their tables match the code.

The pages that Terraform's messages name exist too, among them each alarm's section of the runbook.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from mocked_plan import TERRAFORM, Plan, Workspace

from needs import ROOT

MODULES = sorted(page.parent.relative_to(TERRAFORM).as_posix() for page in TERRAFORM.glob("modules/**/README.md"))
MARK = "<!-- table: written by a machine, see tests/terraform/test_pages.py -->\n"
REWRITE = "HEADGATE_REWRITE_TABLES=1 .venv/bin/python -m pytest tests/terraform/test_pages.py -k table"
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


def table(module: str) -> str:
    """The inputs and outputs of a module, from its files."""
    rows: dict[str, list[str]] = {"variable": [], "output": []}
    for file in sorted((TERRAFORM / module).glob("*.tf")):
        for kind, name, body in BLOCK.findall(file.read_text()):
            description = re.search(r'description = "((?:[^"\\]|\\.)*)"', body)
            default = re.search(r"^  default\s+= (.+)$", body, re.MULTILINE)
            text = description[1].replace('\\"', '"').replace("|", "\\|") if description else ""
            rows[kind].append(f"| `{name}` | {text}{f' Default `{default[1]}`.' if default else ''} |")
    parts = []
    for kind, title in (("variable", "Input"), ("output", "Output")):
        if rows[kind]:
            parts.append("\n".join([f"| {title} | |", "|---|---|", *sorted(rows[kind])]))
    return "\n" + "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("module", MODULES)
def test_the_table_matches_the_code(module: str) -> None:
    page = TERRAFORM / module / "README.md"
    text, mark, actual = page.read_text().partition(MARK)
    assert mark, f"{page} lacks the line {MARK}"
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


RUNBOOK = (ROOT / "docs/RUNBOOK.md").read_text(encoding="utf-8")
SECTIONS = {
    title.lower().replace(" ", "-"): text for title, text in re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", RUNBOOK)
}
CODE = [file for file in sorted(TERRAFORM.rglob("*.tf")) if not {".terraform", "tests"} & set(file.parts)]


@pytest.mark.needs("terraform")
def test_every_alarm_has_its_section_of_the_runbook_and_every_section_its_alarms(lake: Plan) -> None:
    alarms: dict[str, set[str]] = {}
    for name, section in lake.outputs["alarms"].items():
        alarms.setdefault(section, set()).add(name.removeprefix("test-"))
    listed = {
        section: set(re.findall(r"`([a-z_-]+)`", line[1]))
        for section, text in SECTIONS.items()
        if (line := re.match(r"\nAlarms?: ([^.]+)\.", text))
    }
    assert len(alarms) >= 7
    assert listed == alarms


def test_the_first_table_of_the_runbook_links_every_other_section() -> None:
    table, _, rest = RUNBOOK.partition("By hand:")
    linked = re.findall(r"\(#([\w-]+)\)", table + rest.partition("\n\n")[0])
    assert linked == [section for section in SECTIONS if section != "before-anything-else"]


def test_every_page_and_section_that_terraform_names_exists() -> None:
    code = "\n".join(file.read_text() for file in CODE)
    by_outcome = r"' & \(\$outcome = 'closed' \? '([\w ]+)' : '([\w ]+)'\)"
    sections = re.findall(rf"docs/RUNBOOK\.md, (?:{by_outcome}|([\w ]+))", code)
    named = {title.lower().replace(" ", "-") for titles in sections for title in titles if title}
    assert named == {"gate-closed", "job-failed", "sql-etl-failed"}
    assert named <= set(SECTIONS)
    pages = set(re.findall(r"docs/([A-Z_]+)\.md", code))
    assert pages >= {"RUNBOOK", "SETUP_GUIDE", "COSTS"}
    assert [page for page in pages if not (ROOT / f"docs/{page}.md").is_file()] == []
