"""The table of column words: the keys of a column that are checks. To add a word, add its field to `ColumnWords`.

A field is the whole declaration: type, default and meaning as for every key, and in its `Word` the check it becomes,
an example, a value that fails, and a contract that is refused. The docs and the tests take all of these from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo

from headgate.checks.check_type import CheckType
from headgate.checks.table import CHECKS
from headgate.contract.part import Part, Scalar


@dataclass(frozen=True)
class Word:
    """What a column word becomes. Words with one `check` become one check together, such as minimum and maximum."""

    check: str  # the end of the check's id: `between` in `amount.between`
    expect: str  # the check type
    argument: str | None  # the argument that takes the word's value; None for a word that is true or false
    example: str  # a column that has the word
    fails: str  # a text that fails in the example's column; for a check of the table: if it occurs twice
    refused: str  # top-level keys of a contract that `headgate check` refuses because of the word
    strings_only: bool = False  # narrower than the columns that the check type takes

    def __post_init__(self) -> None:
        if self.expect not in CHECKS or CHECKS[self.expect].kind == "refused":
            raise ValueError(f"`{self.expect}` is not a check type that a word can become")
        if self.argument is not None and self.argument not in self.check_type.arguments:
            raise ValueError(f"`{self.expect}` has no argument `{self.argument}`")

    @property
    def check_type(self) -> CheckType:
        """The row of the table of checks."""
        return CHECKS[self.expect]

    def asks(self, value: Any) -> bool:
        """True when this value of the word asks for a check."""
        return value is True if self.argument is None else value is not None


class ColumnWords(Part):
    """The words of a column that are checks."""

    required: Annotated[
        bool,
        Word(
            "not_null",
            "expect_column_values_to_not_be_null",
            None,
            example="{name: order_id, type: string, required: true}",
            fails="",
            refused="columns: [{name: line, type: int, required: always}]",
        ),
    ] = Field(default=False, description="A row without a value fails (after null texts).")
    unique: Annotated[
        bool,
        Word(
            "unique",
            "expect_column_values_to_be_unique",
            None,
            example="{name: email, type: string, unique: true, otherwise: stop}",
            fails="ada@example.org",
            refused='source: {format: json}\ncolumns: [{name: tags, type: "array<string>", unique: true}]',
        ),
    ] = Field(default=False, description="No value occurs twice in the table; judged after cleaning.")
    minimum: Annotated[
        Scalar | None,
        Word(
            "between",
            "expect_column_values_to_be_between",
            "min_value",
            example='{name: ordered_on, type: date, formats: [yyyy-MM-dd], minimum: "2020-01-01"}',
            fails="2019-12-31",
            refused="columns: [{name: paid, type: boolean, minimum: 0}]",
        ),
    ] = Field(default=None, description="The least allowed value, itself allowed.")
    maximum: Annotated[
        Scalar | None,
        Word(
            "between",
            "expect_column_values_to_be_between",
            "max_value",
            example="{name: share, type: double, minimum: 0, maximum: 1}",
            fails="1.01",
            refused='columns: [{name: line, type: int, maximum: "2026-01-31"}]',
        ),
    ] = Field(default=None, description="The greatest allowed value, itself allowed.")
    pattern: Annotated[
        str | None,
        Word(
            "matches",
            "expect_column_values_to_match_regex",
            "regex",
            example='{name: iban, type: string, pattern: "^[A-Z]{2}[0-9]{2}"}',
            fails="IT6",
            refused='columns: [{name: line, type: int, pattern: "^[0-9]$"}]',
            strings_only=True,
        ),
    ] = Field(default=None, description="A Java regular expression that must match somewhere in the value.")
    enum: Annotated[
        tuple[Scalar, ...] | None,
        Word(
            "in_set",
            "expect_column_values_to_be_in_set",
            "value_set",
            example="{name: status, type: string, enum: [open, paid, void]}",
            fails="late",
            refused='columns: [{name: paid, type: boolean, enum: ["true"]}]',
        ),
    ] = Field(default=None, description="The allowed values.")
    min_length: Annotated[
        int | None,
        Word(
            "length",
            "expect_column_value_lengths_to_be_between",
            "min_value",
            example="{name: country, type: string, min_length: 2}",
            fails="I",
            refused="columns: [{name: line, type: int, min_length: 2}]",
            strings_only=True,
        ),
    ] = Field(default=None, ge=0, description="The least number of characters.")
    max_length: Annotated[
        int | None,
        Word(
            "length",
            "expect_column_value_lengths_to_be_between",
            "max_value",
            example="{name: country, type: string, max_length: 2}",
            fails="ITA",
            refused="columns: [{name: country, type: string, min_length: 3, max_length: 2}]",
            strings_only=True,
        ),
    ] = Field(default=None, ge=0, description="The greatest number of characters.")


def word_of(field: FieldInfo) -> Word | None:
    """The field's word; None for a key that is not a check."""
    return next((part for part in field.metadata if isinstance(part, Word)), None)


def words_of(model: type[BaseModel]) -> dict[str, Word]:
    """The words among the keys of a column's model, in their order."""
    return {name: word for name, field in model.model_fields.items() if (word := word_of(field))}


def checks_asked_for(words: Mapping[str, Word], values: Mapping[str, Any]) -> Iterator[tuple[Word, dict[str, Any]]]:
    """One word and the arguments for each check that a column's words ask for, row checks first."""
    asked = [(words[name], value) for name, value in values.items() if name in words and words[name].asks(value)]
    for at_row_level in (True, False):
        level = [(word, value) for word, value in asked if (word.check_type.kind == "compiled") is at_row_level]
        for check in dict.fromkeys((word.check, word.expect) for word, _ in level):
            same = [(word, value) for word, value in level if (word.check, word.expect) == check]
            yield same[0][0], dict(_arguments(same))


def _arguments(asked: Iterable[tuple[Word, Any]]) -> Iterator[tuple[str, Any]]:
    for word, value in asked:
        if word.argument is not None:
            yield word.argument, list(value) if isinstance(value, tuple) else value
