"""The pages and templates for contributors name commands, rooms, paths and links that exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "AGENTS.md", "README.md", "CHANGELOG.md")),
         *sorted((ROOT / ".github").rglob("*.md")), *sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")),
         ROOT / "docs/README.md", ROOT / "docs/CHANGING.md"]  # fmt: skip
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
FORMS = [file for file in sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")) if file.name != "config.yml"]
MODULES = {file.stem.removeprefix("test_") for file in (ROOT / "tests").glob("test_*.py")}
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()} | {"expectations"}


def folders(parent: str, holding: str) -> set[str]:
    return {path.parent.name for path in (ROOT / parent).glob(f"*/{holding}")}


def commands(text: str) -> list[list[str]]:
    """Every `make …` in backticks or in a block of shell, as words."""
    blocks = "\n".join(re.findall(r"(?ms)^```(?:sh|bash)\n(.*?)^```", text))
    lines = [part for line in blocks.splitlines() for part in line.partition("#")[0].split("&&")]
    quoted = re.findall(r"`(make [^`]+)`", text)
    return [shlex.split(command) for command in (*lines, *quoted) if command.strip().startswith("make ")]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_exists_and_reads_what_it_is_given(page: Path) -> None:
    for _, *words in commands(page.read_text(encoding="utf-8")):
        for word in (word for word in words if word != "|"):
            name, given, _ = word.partition("=")
            known = rf"\$\({name}\)" if given else rf"(?m)^{re.escape(name)}:"
            assert re.search(known, MAKEFILE), f"make {' '.join(words)}: {word}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_room_that_is_to_be_tested_has_tests(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        rooms = {room for word in words if word.startswith("ROOM=") for room in word.removeprefix("ROOM=").split()}
        assert rooms - {"…"} <= folders("tests", "test_*.py") | MODULES


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_path_that_is_named_exists(page: Path) -> None:
    quoted = re.findall(r"`([\w./-]+/[\w./-]*)`", page.read_text(encoding="utf-8"))
    paths = [path for path in quoted if path.partition("/")[0] in FOLDERS]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".md"], ids=str)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_table_of_rooms_has_every_room_of_the_library_and_every_folder_of_tests() -> None:
    rooms = set(re.findall(r"`shared/headgate/(\w+)/`", CONTRIBUTING))
    assert rooms == folders("shared/headgate", "__init__.py")
    tested = {room for words in commands(CONTRIBUTING) for word in words for room in word.partition("ROOM=")[2].split()}
    tested |= set(re.findall(r"`tests/(\w+)`", CONTRIBUTING))
    by_other_targets = {"terraform", "platform", "rehearsed"}
    assert (folders("tests", "test_*.py") | MODULES) - tested == by_other_targets


def test_the_readme_names_every_room_of_the_library() -> None:
    [layout] = re.findall(r"(?ms)^shared/headgate/ .*?^expectations/", (ROOT / "README.md").read_text())
    named = set(re.findall(r"\b(\w+)/", layout)) - {"shared", "headgate", "expectations"}
    assert named == folders("shared/headgate", "__init__.py")


def test_hooks_use_only_what_make_setup_installs() -> None:
    assert [repo["repo"] for repo in HOOKS] == ["local"]
    for hook in HOOKS[0]["hooks"]:
        program, *words = hook["entry"].split()
        assert (hook["language"], str(Path(program).parent)) == ("system", ".venv/bin")
        assert _is_installed(Path(program).name, words), hook["entry"]


def _is_installed(program: str, words: list[str]) -> bool:
    if program != "python":
        return program in entry_points(group="console_scripts").names
    return importlib.util.find_spec(words[1]) is not None if words[0] == "-m" else (ROOT / words[0]).is_file()


def test_hooks_run_what_lint_types_and_fresh_run() -> None:
    hooked = {hook["entry"].replace(" --force-exclude", "") for hook in HOOKS[0]["hooks"]}
    made = set[str]()
    for target in ("lint", "types", "fresh"):
        [recipe] = re.findall(rf"(?m)^{target}:.*\n((?:\t.*\n)+)", MAKEFILE)
        made |= {line.strip("\t@").replace(" $(JOBS_AND_LIBRARY)", "") for line in recipe.splitlines()}
    assert hooked == {command.replace("$(RUN)", ".venv/bin/python").replace("$(VENV)", ".venv") for command in made}


@pytest.mark.parametrize("hook", [hook for hook in HOOKS[0]["hooks"] if "files" in hook], ids=lambda hook: hook["id"])
def test_a_hook_that_is_bound_to_folders_names_folders_that_exist(hook: dict[str, Any]) -> None:
    [folders] = re.findall(r"\^\(([\w/|]+)\)/", hook["files"])
    assert [folder for folder in folders.split("|") if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_an_issue_form_has_what_github_requires(form: Path) -> None:
    declared = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(declared) <= {"name", "description", "body", "labels"}
    fields = [field for field in declared["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(field["attributes"]["label"] for field in fields)
    assert len({field["id"] for field in fields}) == len(fields) > 0
    assert all(field["attributes"]["options"] for field in fields if field["type"] == "dropdown")


def test_a_vulnerability_is_reported_through_github_and_no_address_is_invented() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "Report a vulnerability" in text
    assert "@" not in text
