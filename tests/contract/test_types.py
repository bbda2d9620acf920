"""Types are read from their text, with what was expected where one cannot be read."""

from __future__ import annotations

import pytest

from headgate.contract.types import (
    ArrayType,
    DecimalType,
    MapType,
    ScalarType,
    StructType,
    is_nested,
    leaves,
    parse_type,
)

INT, TEXT = ScalarType("int"), ScalarType("string")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", INT),
        ("INTEGER", INT),
        ("long", ScalarType("bigint")),
        (" decimal ( 12 , 2 ) ", DecimalType(12, 2)),
        ("decimal(5)", DecimalType(5, 0)),
        ("array< array<int> >", ArrayType(ArrayType(INT))),
        ("map<string,int>", MapType(TEXT, INT)),
        ("struct<a:int,`b c`:string>", StructType((("a", INT), ("b c", TEXT)))),
    ],
)
def test_a_text_is_read_as_a_type(text: str, expected: object) -> None:
    assert parse_type(text) == expected
    assert hash(parse_type(text)) == hash(expected)


def test_types_that_differ_in_a_part_are_not_equal() -> None:
    assert len({parse_type(text) for text in ("decimal(5,2)", "decimal(5,1)", "array<int>", "array<string>")}) == 4


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "`` is not a type; known are string"),
        ("money", "`money` is not a type; known are string"),
        ("decimal", "needs its precision and scale"),
        ("decimal(39,2)", "must have 1 to 38 digits"),
        ("decimal(2,3)", "no more decimals than digits"),
        ("array", "`array` lacks a `<`"),
        ("map<string>", "`map<string>` lacks a `,`"),
        ("struct<a int>", "`struct<a int>` lacks a `:`"),
        ("int)", "`int)` has `)` after the type"),
        ("int!", "`int!` cannot be read at character 4"),
    ],
)
def test_a_text_that_is_not_a_type_is_refused_with_what_was_expected(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_type(text)
    assert problem in str(caught.value)


def test_the_leaves_of_a_type_are_the_scalars_in_it_without_the_keys_of_maps() -> None:
    data_type = parse_type("struct<a:array<date>,b:map<string,decimal(5,2)>>")
    assert [leaf.ddl for leaf in leaves(data_type)] == ["date", "decimal(5,2)"]
    assert is_nested(data_type)
    assert not is_nested(parse_type("decimal(5,2)"))
