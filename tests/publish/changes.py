"""Changes in a line per row, for the tests of what writes them."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, SparkSession

from headgate.publish.change import Change
from tables import contract, table

COLUMNS = "[{name: id, type: string, required: true}, {name: v, type: int}]"
MERGE, APPEND = contract(COLUMNS, key=("id",)), contract(COLUMNS)
TABLE = "id string, v int, _object string, _arrival timestamp, _run string"
WRITTEN = f"{TABLE}, _action string"


def rows(*lines: str) -> list[tuple[Any, ...]]:
    """A row per line: `a 1 old.csv r1`, and its action where it has one. Arrivals are not the point here."""
    return [(name, int(v), path, None, *rest) for name, v, path, *rest in (line.split() for line in lines)]


def change(spark: SparkSession, *lines: str, leaving: DataFrame | None = None, **more: Any) -> Change:
    """A change of these rows, each with what it does to the table, and a column that is not published."""
    cleaned = table(spark, WRITTEN, *rows(*lines)).selectExpr("*", "1 AS _copies")
    inserted = sum(line.endswith(" insert") for line in lines)
    settings = {"whole": False, "replaced_objects": (), "only_inserts": False, "inserted": inserted, **more}
    return Change(rows=cleaned, leaving=leaving, **settings)
