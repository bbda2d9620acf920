"""The page on changing Headgate has a section per extension, and names files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/CHANGING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)", PAGE))
EXTENSIONS = ["column word", "check type", "file format", "table format", "path of the lake", "technical column",
              "trust policy"]  # fmt: skip
PATH = re.compile(r"`((?:shared|tests|docs|terraform|contracts)/[\w./-]*)(?:::\w+)?`")


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_each_extension_has_its_section(extension: str) -> None:
    assert [title for title in SECTIONS if extension in title]


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_says_where_to_declare_which_test_which_page_and_what_finds_a_forgotten_half(title: str) -> None:
    labels = re.findall(r"(?m)^- \*\*(.+?)\*\*", SECTIONS[title])
    assert labels == ["Declare", "Test", "Page", "If you forget a half"]


@pytest.mark.parametrize("title", SECTIONS)
def test_a_forgotten_half_is_found_by_a_test_that_is_named(title: str) -> None:
    assert "`tests/" in SECTIONS[title].partition("**If you forget a half**")[2]


def test_the_table_at_the_top_has_every_section() -> None:
    rows = PAGE.partition("\n## ")[0]
    anchors = [title.lower().replace(" ", "-") for title in SECTIONS]
    assert [anchor for anchor in anchors if f"(#{anchor})" not in rows] == []


def test_every_file_that_is_named_exists() -> None:
    named = PATH.findall(PAGE)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []
