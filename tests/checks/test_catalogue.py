"""The catalogue knows every expectation, and its page in the docs is written from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from headgate.checks.arguments import _KINDS
from headgate.checks.catalogue import CATALOGUE, GX_VERSION
from headgate.checks.compiled import _CONDITIONS
from headgate.checks.document import table_doc

PAGE = Path(__file__).resolve().parents[2] / "docs" / "CHECKS.md"
NOT_OFFERED = {"batch_id", "row_condition", "condition_parser", "mostly", "severity", "windows", "meta", "notes", "id",
             "description", "catch_exceptions", "rendered_content", "result_format", "library_metadata"}  # fmt: skip
LEFT_OUT = {("expect_column_quantile_values_to_be_between", "allow_relative_error")}  # 1.24.1 reads 0.1 as a text


def test_the_catalogue_lists_every_core_expectation_of_great_expectations():
    import great_expectations as gx
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    assert gx.__version__ == GX_VERSION
    assert set(CATALOGUE) == set(list_registered_expectation_implementations())
    assert len(CATALOGUE) == 59


def test_the_arguments_of_an_expectation_are_those_of_great_expectations():
    from great_expectations.expectations.registry import get_expectation_impl

    offered = [entry for entry in CATALOGUE.values() if entry.kind != "refused"]
    ours = {(entry.expect, name) for entry in offered for name in entry.arguments}
    theirs = {(e.expect, name) for e in offered for name in get_expectation_impl(e.expect).__fields__} - {
        (entry.expect, name) for entry in offered for name in NOT_OFFERED
    }
    assert ours == theirs - LEFT_OUT


def test_every_entry_can_be_used_or_says_why_not():
    assert {e.expect for e in CATALOGUE.values() if e.kind == "compiled"} == set(_CONDITIONS)
    assert {kind for entry in CATALOGUE.values() for kind in entry.arguments.values()} <= set(_KINDS)
    refused = [entry for entry in CATALOGUE.values() if entry.kind == "refused"]
    assert all(entry.reason and entry.remedy for entry in refused)


def test_the_page_on_checks_is_what_the_catalogue_says():
    assert PAGE.read_text(encoding="utf-8") == table_doc(), "run: python -m headgate.checks.document > docs/CHECKS.md"


def test_the_module_prints_the_page():
    answer = subprocess.run(
        [sys.executable, "-m", "headgate.checks.document"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert answer.stdout == table_doc()
