"""The docs name tests, files and settings that exist, and list the rules that no test proves yet."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from headgate.lake.catalog import SESSION

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
SEMANTICS = (DOCS / "SEMANTICS.md").read_text(encoding="utf-8")
RULE = re.compile(r"(?ms)^- \*\*([A-Z]\d+)\*\* (.*?)(?=^- \*\*[A-Z]\d|^#|^[^ \n])")
NAMED = re.compile(r"tests/[\w/]+\.py::\w+")


def rules() -> dict[str, str]:
    return {rule: text for rule, text in RULE.findall(SEMANTICS)}


def test_every_named_test_exists() -> None:
    named = {name for page in PAGES for name in NAMED.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 80
    assert sorted(name for name in named if not _exists(name)) == []


def test_every_rule_is_unique_and_names_its_proof() -> None:
    numbers = [rule for rule, _ in RULE.findall(SEMANTICS)]
    assert len(numbers) > 60
    assert len(numbers) == len(set(numbers))
    without_proof = [rule for rule, text in rules().items() if "Proof: " not in text]
    assert without_proof == []


def test_rules_are_numbered_without_a_gap() -> None:
    numbers = list(rules())
    for letter in dict.fromkeys(rule[0] for rule in numbers):
        of_letter = [int(rule[1:]) for rule in numbers if rule[0] == letter]
        assert of_letter == list(range(1, len(of_letter) + 1)), letter


def test_the_list_of_rules_not_yet_proven_is_complete() -> None:
    listed = re.findall(r"[A-Z]\d+", SEMANTICS.rpartition("## Not yet proven")[2])
    assert listed == [rule for rule, text in rules().items() if "**not yet proven**" in text]


def test_a_rule_without_a_test_is_marked_as_not_yet_proven() -> None:
    unmarked = [rule for rule, text in rules().items() if not NAMED.search(text) and "not yet proven" not in text]
    assert unmarked == ["P8"]  # it promises nothing that a test could check


def test_the_page_on_semantics_gives_every_session_setting_its_value() -> None:
    rows = dict(re.findall(r"(?m)^\| `(spark\.[\w.]+)` \| `([^`]+)` \|", SEMANTICS))
    assert {key: rows[key].replace("…", "") for key in rows} == {
        key: value.removeprefix("org.apache.spark.sql.execution.adaptive.") for key, value in SESSION.items()
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = [link for link in re.findall(r"\]\(([^)]+)\)", text) if not _leads(page, link)]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_page_begins_with_its_title_and_has_no_other(page: Path) -> None:
    lines = _without_code(page.read_text(encoding="utf-8")).splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if line.startswith("# ")] == [lines[0]]


def test_every_page_is_named_by_the_map_and_every_decision_by_its_index() -> None:
    top = (DOCS / "README.md").read_text(encoding="utf-8")
    index = (DOCS / "adr/README.md").read_text(encoding="utf-8")
    assert [p.name for p in DOCS.glob("*.md") if p.name != "README.md" and f"({p.name})" not in top] == []
    assert [p.name for p in (DOCS / "adr").glob("0*.md") if f"({p.name})" not in index] == []


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("0*.md")), ids=lambda page: page.stem)
def test_a_decision_has_context_decision_and_consequences_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^## (.+)$", text) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 50


def _exists(name: str) -> bool:
    file, _, test = name.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == test for node in ast.walk(tree))


def _leads(page: Path, link: str) -> bool:
    if re.match(r"https?://", link):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in set(_anchors(target.read_text(encoding="utf-8")))


def _anchors(text: str) -> Iterator[str]:
    for heading in re.findall(r"(?m)^#+ (.+)$", _without_code(text)):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _without_code(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", text)
