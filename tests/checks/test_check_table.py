"""The table of checks knows every expectation; a row is the whole declaration, and its page is written from it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from headgate.checks.check import Check
from headgate.checks.check_type import CheckType
from headgate.checks.document import table_doc
from headgate.checks.suite import suite_document
from headgate.checks.table import CHECKS, GX_VERSION, with_reason
from headgate.contract.load import read_contract
from headgate.contract.types import parse_type
from headgate.gate.compile import compile_check
from tables import assert_table, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "CHECKS.md"
NOT_OFFERED = {"batch_id", "row_condition", "condition_parser", "mostly", "severity", "windows", "meta", "notes", "id",
             "description", "catch_exceptions", "rendered_content", "result_format", "library_metadata"}  # fmt: skip
LEFT_OUT = {("expect_column_quantile_values_to_be_between", "allow_relative_error")}  # 1.24.1 reads 0.1 as a text


def test_the_table_lists_every_core_expectation_of_great_expectations() -> None:
    import great_expectations as gx
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    assert gx.__version__ == GX_VERSION
    assert set(CHECKS) == set(list_registered_expectation_implementations())
    assert len(CHECKS) == 59


def test_the_arguments_of_an_expectation_are_those_of_great_expectations() -> None:
    from great_expectations.expectations.registry import get_expectation_impl

    offered = [row for row in CHECKS.values() if row.kind != "refused"]
    ours = {(row.expect, name) for row in offered for name in row.arguments}
    theirs = {(row.expect, name) for row in offered for name in get_expectation_impl(row.expect).__fields__} - {
        (row.expect, name) for row in offered for name in NOT_OFFERED
    }
    assert ours == theirs - LEFT_OUT


def divides(F: Any, kwargs: Any) -> Any:
    return F.col(kwargs["column"]) % kwargs["divisor"] == 0


TOY = CheckType(
    "expect_column_values_to_be_divisible",
    "compiled",
    required={"column": "column", "divisor": "number"},
    columns="number",
    condition=divides,
    reason=lambda kwargs: f"not divisible by {kwargs['divisor']}",
)

HALVES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "compiled", "reason": str}, "(compiled) lacks: condition"),
    ({"kind": "compiled", "condition": divides}, "(compiled) lacks: reason"),
    ({"kind": "gx", "condition": divides}, "(gx) does not use: condition"),
    ({"kind": "refused", "why": "it is slow"}, "(refused) lacks: remedy"),
    ({"kind": "refused"}, "(refused) lacks: why, remedy"),
    ({"kind": "gx", "required": {"column": "colunm"}}, "(gx) has an unknown kind: colunm"),
    ({"kind": "gx", "columns": "numbers"}, "(gx) has an unknown kind: numbers"),
]


@pytest.mark.parametrize(("half", "problem"), HALVES)
def test_a_check_type_that_lacks_a_part_cannot_be_declared(half: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        CheckType("expect_column_values_to_be_odd", **half)
    assert str(caught.value) == f"check type `expect_column_values_to_be_odd` {problem}"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckType]:
    monkeypatch.setitem(CHECKS, TOY.expect, TOY)  # type: ignore[arg-type]
    yield TOY


def checked(folder: Path, kwargs: str) -> tuple[Any, list[Any]]:
    file = folder / "orders.yaml"
    file.write_text(
        "dataset: orders\ndomain: test\nowner: test@example.org\ndescription: One row per order line.\n"
        "columns: [{name: line, type: int}, {name: code, type: string}]\n"
        f"checks: [{{expect: {TOY.expect}, kwargs: {{{kwargs}}}}}]\n",
        encoding="utf-8",
    )
    return read_contract(file)


def test_a_check_type_that_is_declared_once_is_checked(toy: CheckType, tmp_path: Path) -> None:
    contract, faults = checked(tmp_path, "column: line, divisor: 2")
    assert faults == []
    [check] = contract.all_checks
    assert (check.scope, check.otherwise, check.reason) == ("row", "quarantine", "line: not divisible by 2")
    assert [fault.remedy for fault in checked(tmp_path, "column: line, divisr: 2")[1]] == [
        "Did you mean `divisor`?",
        "It needs `column`, `divisor`.",
    ]
    [fault] = checked(tmp_path, "column: code, divisor: 2")[1]
    assert fault.problem == f"`{TOY.expect}` cannot judge `code`, which is a `string`"


def test_a_check_type_that_is_declared_once_judges_rows(toy: CheckType, spark: SparkSession) -> None:
    lines = table(spark, "line int", (4,), (3,), (None,))
    check = Check("line.even", TOY.expect, {"column": "line", "divisor": 2}, "quarantine", "row")
    compiled = compile_check(check, {"line": parse_type("int")})
    rows = lines.select("line", compiled.unexpected.alias("unexpected"))
    assert_table(rows, "line int, unexpected boolean", (4, False), (3, True), (None, False))


def test_a_check_type_that_is_declared_once_is_on_the_page_and_in_the_suite(toy: CheckType) -> None:
    assert f"| `{TOY.expect}` | `column`, `divisor` | numbers |" in table_doc()
    check = with_reason(Check("line.even", TOY.expect, {"column": "line", "divisor": 2}, "quarantine", "row"))
    [written] = json.loads(json.dumps(suite_document("orders", [check], {})))["expectations"]
    assert (written["type"], written["kwargs"]) == (TOY.expect, {"column": "line", "divisor": 2})


def test_the_page_on_checks_is_what_the_table_contains() -> None:
    assert PAGE.read_text(encoding="utf-8") == table_doc(), "run: python -m headgate.checks.document > docs/CHECKS.md"


def test_the_module_prints_the_page() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "headgate.checks.document"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert answer.stdout == table_doc()
