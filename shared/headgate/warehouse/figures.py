"""The figures by which lake and warehouse are compared: each as SQL that Redshift, and one that Spark, computes.

Of every column the number of values; of numbers sum, least and greatest; of dates and times least and greatest; of
texts and nested values nothing that depends on an order of letters: of texts the sum of bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from headgate.contract.model import Contract
from headgate.warehouse.columns import WarehouseColumn, warehouse_columns
from headgate.warehouse.names import names, quoted

ROWS, KEYS = "rows", "distinct keys"
RELATIVE = 1e-9  # by which sums of floating-point numbers may differ: the order of adding is not the same
TABLE = "{table}"  # in the SQL of a figure: the table's name
_EXACT = ("int", "bigint", "decimal")
_TIMES = {
    "date": ("YYYY-MM-DD", "yyyy-MM-dd"),
    "timestamp": ("YYYY-MM-DD HH24:MI:SS.US", "yyyy-MM-dd HH:mm:ss.SSSSSS"),
    "timestamp_ntz": ("YYYY-MM-DD HH24:MI:SS.US", "yyyy-MM-dd HH:mm:ss.SSSSSS"),
}
_ENDS = (("least", "MIN"), ("greatest", "MAX"))
Compared = Literal["text", "exact", "float"]


@dataclass(frozen=True)
class Figure:
    """One figure: `redshift` and `spark` are expressions over the table, and how their values are compared."""

    name: str
    redshift: str
    spark: str
    compared: Compared = "exact"


def figures(contract: Contract) -> list[Figure]:
    """Every figure of a table, in order. The keys of a merged table are distinct in the lake by construction."""
    found = [Figure(ROWS, "COUNT(*)", "count(*)")]
    for column in warehouse_columns(contract):
        found += _of(column)
    if contract.key and contract.mode == "merge":
        keys = f"(SELECT COUNT(*) FROM (SELECT DISTINCT {names(contract.key)} FROM {TABLE}) AS k)"
        found.append(Figure(KEYS, keys, "count(*)"))
    return found


def _of(column: WarehouseColumn) -> Iterator[Figure]:
    name, here, there = column.name, quoted(column.name), f"`{column.name}`"
    yield Figure(f"{name}.values", f"COUNT({here})", f"count({there})")
    if column.is_number:
        exact = column.kind in _EXACT
        wide, compared = (f"DECIMAL(38,{_scale(column)})", "exact") if exact else ("DOUBLE PRECISION", "float")
        wide_there = wide if exact else "DOUBLE"
        yield Figure(f"{name}.sum", f"SUM(CAST({here} AS {wide}))", f"sum(cast({there} AS {wide_there}))", compared)
        for word, function in _ENDS:
            yield Figure(f"{name}.{word}", f"{function}({here})", f"{function}({there})", compared)
    elif column.kind in _TIMES:
        theirs, ours = _TIMES[column.kind]
        value = f"({here} AT TIME ZONE 'UTC')" if column.kind == "timestamp" else here
        for word, function in _ENDS:
            redshift = f"TO_CHAR({function}({value}), '{theirs}')"
            yield Figure(f"{name}.{word}", redshift, f"date_format({function}({there}), '{ours}')", "text")
    elif column.kind == "boolean":
        yield Figure(f"{name}.true", f"COUNT(CASE WHEN {here} THEN 1 END)", f"count_if({there})")
    elif column.type.startswith("VARCHAR"):
        yield Figure(f"{name}.bytes", f"SUM(CAST(OCTET_LENGTH({here}) AS BIGINT))", f"sum(octet_length({there}))")


def _scale(column: WarehouseColumn) -> str:
    return column.type.rpartition(",")[2].rstrip(")") if column.kind == "decimal" else "0"


def as_text(value: object) -> str | None:
    """A figure's value as it is recorded: numbers without an exponent."""
    if value is None:
        return None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def differing(lake: Mapping[str, str | None], warehouse: Mapping[str, str | None], contract: Contract) -> list[str]:
    """The names of the figures that differ."""
    return [f.name for f in figures(contract) if not _equal(lake.get(f.name), warehouse.get(f.name), f.compared)]


def _equal(one: str | None, other: str | None, compared: Compared) -> bool:
    if one is None or other is None:
        return one is other
    if compared == "text":
        return one == other
    if compared == "exact":
        return Decimal(one) == Decimal(other)
    left, right = float(one), float(other)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=1e-12)
