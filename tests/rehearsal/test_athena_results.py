"""Values, files and pages in Athena's form."""

from __future__ import annotations

import base64

import pytest

from rehearsal.aws.athena import results as athena_results


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, "varchar", None),
        (True, "boolean", "true"),
        (3, "bigint", "3"),
        (1.0, "double", "1.0"),
        (0.1, "double", "0.1"),
        (1.5e10, "double", "1.5E10"),
        (1e7, "double", "1.0E7"),
        (9999999.0, "double", "9999999.0"),
        (1e-3, "double", "0.001"),
        (1.25e-5, "double", "1.25E-5"),
        (-123456789.125, "double", "-1.23456789125E8"),
        (1e22, "double", "1.0E22"),
        ("NaN", "double", "NaN"),
        ("1.20", "decimal(3,2)", "1.20"),
        ("2026-01-02 03:04:05.000", "timestamp(3)", "2026-01-02 03:04:05.000"),
        (base64.b64encode(b"\x0a\xff").decode(), "varbinary", "0a ff"),
        ([1, None], "array(integer)", "[1, null]"),
        ({"k": 2.5e0}, "map(varchar, double)", "{k=2.5}"),
        ([1, ["x"]], 'row(n integer, "a b" array(varchar))', "{n=1, a b=[x]}"),
    ],
)
def test_a_value_is_athenas_text(value: object, kind: str, expected: str | None) -> None:
    assert athena_results.text(value, kind) == expected


def test_the_file_of_a_query_quotes_every_value_and_leaves_null_out() -> None:
    assert athena_results.csv(["a", "b"], [['x"y', None], ["1,2", ""]]) == b'"a","b"\n"x""y",\n"1,2",""\n'


def test_columns_lose_their_lengths_and_keep_precision_and_scale() -> None:
    columns = athena_results.column_info([("a", "decimal(10,2)"), ("b", "varchar(5)"), ("c", "timestamp(6)")])
    assert [(column["Type"], column["Precision"], column["Scale"]) for column in columns] == [
        ("decimal", 10, 2),
        ("varchar", 5, 0),
        ("timestamp", 3, 0),
    ]


def test_a_page_ends_where_the_next_begins() -> None:
    rows: list[athena_results.Row] = [["a"], ["b"], [None]]
    assert athena_results.page(rows, 0, 2) == ([{"Data": [{"VarCharValue": letter}]} for letter in "ab"], "2")
    assert athena_results.page(rows, 2, 2) == ([{"Data": [{}]}], None)
