"""The glossary has one line per word, and a line for every word that the code uses for a row or a run."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import get_args

from headgate import columns
from headgate.checks.check import Otherwise
from headgate.outcome import Status
from headgate.upkeep.task import TASKS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8")
WORDS = re.findall(r"(?m)^\| ([^|]+?) \| [^|]+ \|$", PAGE)
HEADS = {"Word", "---"}


def of_rows() -> set[str]:
    """Verdicts and actions: the texts of `columns.py` that are not names of columns."""
    constants = [value for name, value in vars(columns).items() if name.isupper() and isinstance(value, str)]
    return {value for value in constants if not value.startswith("_")}


def test_each_word_has_one_line() -> None:
    twice = [word for word, lines in Counter(WORDS).items() if lines > 1 and word not in HEADS]
    assert len(WORDS) > 60
    assert twice == []


def test_every_line_of_a_table_is_a_word_with_its_meaning() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(rows) == len(WORDS)


def test_every_verdict_and_action_of_a_row_has_its_line() -> None:
    assert of_rows() >= {"kept", "refused", "skipped", "insert", "update", "late"}
    assert of_rows() - set(WORDS) == set()


def test_every_status_of_a_run_every_otherwise_and_every_task_has_its_line() -> None:
    assert {*get_args(Status), *get_args(Otherwise), *TASKS} - set(WORDS) == set()


def test_the_readme_leads_to_the_glossary() -> None:
    assert "(docs/GLOSSARY.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
