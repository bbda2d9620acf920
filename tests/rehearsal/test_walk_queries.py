"""The rows of a query's result as Python values."""

from __future__ import annotations

from rehearsal.walk.queries import typed


def test_a_row_of_a_result_gets_the_types_that_athena_gives() -> None:
    row = ["7", "1.5", "x", "", "2.50"]
    assert typed(row, ["bigint", "double", "varchar", "integer", "decimal"]) == [7, 1.5, "x", None, 2.5]
