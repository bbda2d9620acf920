"""Column words become checks; a word is declared once, and works in check, gate, docs, schema and suite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from pydantic import Field
from pyspark.sql import SparkSession

from headgate.checks.check import Check
from headgate.columns import ARRIVAL, FAULTS, FILE_FAULT, OBJECT, RAW, REFUSED, VERDICT
from headgate.contract.counterexamples import faults_of
from headgate.contract.document import document
from headgate.contract.examples import in_contract
from headgate.contract.expected import column_checks
from headgate.contract.json_schema import schema_text
from headgate.contract.load import read_contract
from headgate.contract.model import Column, Contract
from headgate.contract.words import ColumnWords, Word, words_of
from headgate.gate.gate import gate
from headgate.gate.judge import judged, typed
from headgate.publish.audit import audit
from headgate.written import suite_text
from tables import HEAD

ROOT = Path(__file__).resolve().parents[2]
RAW_COLUMNS = f"{OBJECT} string, {ARRIVAL} timestamp, {FAULTS} array<string>, {RAW} string, {FILE_FAULT} string"


class ToyColumn(Column):
    """A word of its own, declared in one place."""

    forbidden: Annotated[
        str | None,
        Word(
            "forbidden",
            "expect_column_values_to_not_match_regex",
            "regex",
            example='{name: city, type: string, forbidden: "[0-9]"}',
            fails="R0me",
            refused='columns: [{name: line, type: int, forbidden: "0"}]',
            strings_only=True,
        ),
    ] = Field(default=None, description="A Java regular expression that must not match.")


class ToyContract(Contract):
    columns: tuple[ToyColumn, ...] = Field(min_length=1, description="The published columns.")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Contract]]:
    """The model with the toy's column in place of its own; nothing else knows about it."""
    for module in ("keys", "load", "json_schema"):
        monkeypatch.setattr(f"headgate.contract.{module}.Contract", ToyContract)
    yield ToyContract


def with_column(column: dict[str, Any], model: type[Contract] = Contract) -> Contract:
    return model.model_validate({**HEAD, "columns": [column]})


def refused(spark: SparkSession, contract: Contract, value: str) -> bool:
    """True when the contract's checks refuse a row with this text in its one column; twice for a check of the table."""
    [column] = contract.columns
    rows = [(value, "a.csv", None, [], None, None)] * 2
    frame = typed(spark.createDataFrame(rows, f"{column.name} string, {RAW_COLUMNS}"), contract)
    verdicts = [row[0] for row in frame.transform(judged, gate(contract)).select(VERDICT).collect()]
    audited = audit(frame.select(column.name), contract.table_checks)
    return verdicts == [REFUSED] * 2 or any(not result.success for result in audited)


def assert_word_works(spark: SparkSession, name: str, word: Word, model: type[Contract]) -> None:
    """The word's failing value is refused in a column with the word, and not in the same column without it."""
    column = yaml.safe_load(word.example)
    assert refused(spark, with_column(column, model), word.fails)
    assert not refused(spark, with_column({key: column[key] for key in column if key != name}, model), word.fails)


@pytest.mark.parametrize("name", words_of(Column))
def test_a_word_refuses_the_value_that_the_docs_say_it_refuses(spark: SparkSession, name: str) -> None:
    assert_word_works(spark, name, words_of(Column)[name], Contract)


def test_every_field_of_the_words_is_a_word() -> None:
    assert [*words_of(ColumnWords)] == [*ColumnWords.model_fields]


def test_a_word_that_is_declared_once_is_checked(toy: type[Contract], tmp_path: Path) -> None:
    good = tmp_path / "orders.yaml"
    good.write_text(in_contract("columns[].forbidden"), encoding="utf-8")
    contract, faults = read_contract(good)
    assert faults == []
    assert contract is not None
    assert [check.reason for check in contract.all_checks] == ["city: matches [0-9]"]
    [fault] = faults_of("a misused `forbidden`", tmp_path)
    assert (fault.key, fault.remedy) == ("columns[0].forbidden", "`forbidden` belongs to strings.")
    good.write_text(in_contract("columns[].forbidden").replace("forbidden", "forbiden"), encoding="utf-8")
    assert [fault.remedy for fault in read_contract(good)[1]] == ["Did you mean `forbidden`?"]


def test_a_word_that_is_declared_once_refuses_rows(spark: SparkSession) -> None:
    assert_word_works(spark, "forbidden", words_of(ToyColumn)["forbidden"], ToyContract)


def test_a_word_that_is_declared_once_is_in_docs_schema_and_suite(toy: type[Contract]) -> None:
    page = document()
    assert "| `forbidden` | text |  | A Java regular expression that must not match. | `{name: city, type: str" in page
    assert "| `forbidden` | `expect_column_values_to_not_match_regex` with `regex` | texts | `R0me` |" in page
    assert "**A misused `forbidden`**" in page
    assert "forbidden" in json.loads(schema_text())["$defs"]["ToyColumn"]["properties"]
    suite = json.loads(suite_text(with_column(yaml.safe_load(words_of(ToyColumn)["forbidden"].example), toy)))
    assert [expectation["kwargs"] for expectation in suite["expectations"]] == [{"column": "city", "regex": "[0-9]"}]


def test_terraform_reads_no_word_of_a_column() -> None:
    module = (ROOT / "terraform/modules/contracts/read.tf").read_text(encoding="utf-8")
    read = set(re.findall(r"\bcolumn\.(\w+)", module))
    assert read == {"name", "type", "classification", "publish", "source", "aliases", "derived"}
    assert read & {*words_of(Column)} == set()


def test_a_word_without_its_example_or_its_failing_value_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="missing 3 required positional arguments: 'example', 'fails', and 'refused'"):
        Word("forbidden", "expect_column_values_to_not_match_regex", "regex")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("expect", "argument", "problem"),
    [
        ("expect_column_values_to_be_odd", None, "`expect_column_values_to_be_odd` is not a check type"),
        ("expect_column_values_to_be_increasing", None, "`expect_column_values_to_be_increasing` is not a check type"),
        ("expect_column_values_to_match_regex", "pattern", "has no argument `pattern`"),
    ],
)
def test_a_word_that_becomes_no_check_cannot_be_declared(expect: str, argument: str | None, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Word("odd", expect, argument, example="{}", fails="", refused="")


def checks(at_most: float | None = None, otherwise: str = "quarantine", **words: Any) -> list[Check]:
    column = {"name": "c", "type": "string", "at_most": at_most, "otherwise": otherwise, **words}
    contract = with_column(column)
    return list(column_checks(contract, contract.columns[0]))


def test_every_word_becomes_a_check_with_what_its_column_says_of_failures() -> None:
    assert checks(required=True, minimum=0, maximum=100, unique=True, at_most=0.01) == [
        Check("c.not_null", "expect_column_values_to_not_be_null", {"column": "c"}, "quarantine", "row", 0.01,
              reason="c: missing"),
        Check("c.between", "expect_column_values_to_be_between", {"column": "c", "min_value": 0, "max_value": 100},
              "quarantine", "row", 0.01, reason="c: not between 0 and 100"),
        Check("c.unique", "expect_column_values_to_be_unique", {"column": "c"}, "stop", "table"),
    ]  # fmt: skip


def test_words_about_text_become_checks() -> None:
    words = {"pattern": "^[A-Z]+$", "enum": ("A", "B"), "min_length": 1, "max_length": None}
    assert [(check.id, dict(check.kwargs), check.reason) for check in checks(otherwise="warn", **words)] == [
        ("c.matches", {"column": "c", "regex": "^[A-Z]+$"}, "c: does not match ^[A-Z]+$"),
        ("c.in_set", {"column": "c", "value_set": ["A", "B"]}, "c: not one of A, B"),
        ("c.length", {"column": "c", "min_value": 1}, "c: length below 1"),
    ]


def test_words_that_ask_for_nothing_become_no_check() -> None:
    assert checks(required=False, minimum=None, unique=False, enum=None) == []


def test_a_column_that_only_warns_has_a_unique_check_that_only_warns() -> None:
    assert [check.otherwise for check in checks(unique=True, otherwise="warn")] == ["warn"]


def test_a_minimum_of_zero_is_a_minimum() -> None:
    assert [check.reason for check in checks(minimum=0)] == ["c: below 0"]


def test_a_minimum_that_is_no_value_is_refused_and_not_ignored(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(yaml.safe_dump({**HEAD, "columns": [{"name": "line", "type": "int", "minimum": False}]}))
    assert ["`False` is neither a number nor a date" in str(fault) for fault in read_contract(file)[1]] == [True]
