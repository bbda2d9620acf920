"""One schema for several files, and one type for several values."""

from __future__ import annotations

import pytest

from rehearsal.aws.crawlers.schemas import Schema, merge, wider


def test_files_of_one_form_become_one_schema() -> None:
    merged = merge(
        [Schema("csv", (("a", "bigint"),), records=1), Schema("csv", (("a", "double"), ("b", "date")), records=2)]
    )
    assert (merged.columns, merged.records) == ((("a", "double"), ("b", "date")), 3)


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("", "int", "int"),
        ("int", "bigint", "bigint"),
        ("bigint", "double", "double"),
        ("boolean", "int", "string"),
        ("array<int>", "array<double>", "array<double>"),
        ("struct<a:int,b:array<struct<c:int>>>", "struct<a:bigint>", "struct<a:bigint,b:array<struct<c:int>>>"),
    ],
)
def test_the_wider_type_holds_both(left: str, right: str, both: str) -> None:
    assert wider(left, right) == both
