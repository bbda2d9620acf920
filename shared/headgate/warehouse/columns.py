"""The columns of a warehouse table: types of Redshift, and what COPY loads before they are those types.

COPY reads Parquet by position and converts little. So the export has plain types, the staging table has the same ones,
and INSERT makes of them what the table has: a text becomes SUPER by JSON_PARSE, a time in UTC becomes TIMESTAMPTZ.
Types: docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headgate.columns import RUN
from headgate.contract.model import Column, Contract
from headgate.contract.types import DataType, is_nested, parse_type
from headgate.warehouse.names import quoted

LONGEST_TEXT = 65_535  # bytes of a VARCHAR
_PLAIN = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "REAL",
    "double": "DOUBLE PRECISION",
    "date": "DATE",
    "timestamp_ntz": "TIMESTAMP",
}
_RUN_ID, _TIME_OF_DAY, _HMAC, _REDACTED, _STARS = 128, 32, 64, 10, 4


@dataclass(frozen=True)
class WarehouseColumn:
    """One column: `type` in the table, `staged` in the staging table, `value` as INSERT computes it from there.

    `kind` is the Spark type's kind, by which the export writes it; `meaning` is its comment.
    """

    name: str
    type: str
    staged: str
    value: str
    kind: str
    required: bool = False
    meaning: str = ""

    @property
    def is_number(self) -> bool:
        """True where its sum is compared."""
        return self.kind in ("int", "bigint", "decimal", "float", "double")


def warehouse_columns(contract: Contract) -> list[WarehouseColumn]:
    """The table's columns in order: the published ones, and in a dataset `_run`, the run that wrote the row."""
    keys = set() if contract.is_mart else set(contract.key)
    columns = [_column(contract, column, required=column.name in keys) for column in contract.published]
    if not contract.is_mart:
        kind = f"VARCHAR({_RUN_ID})"
        columns.append(WarehouseColumn(RUN, kind, kind, quoted(RUN), "string", False, "the run that wrote the row"))
    return columns


def _column(contract: Contract, column: Column, *, required: bool) -> WarehouseColumn:
    data_type, name = parse_type(column.published_type), quoted(column.name)
    staged, final, value = _types(column, data_type, name)
    return WarehouseColumn(column.name, final, staged, value, data_type.kind, required, column.description)


def _types(column: Column, data_type: DataType, name: str) -> tuple[str, str, str]:
    """The type in the staging table, the type in the table, and the value."""
    kind: Any = data_type
    if is_nested(data_type):
        return f"VARCHAR({LONGEST_TEXT})", "SUPER", f"JSON_PARSE({name})"
    if kind.kind == "timestamp":
        return "TIMESTAMP", "TIMESTAMPTZ", f"{name} AT TIME ZONE 'UTC'"
    if kind.kind == "decimal":
        same = f"DECIMAL({kind.precision},{kind.scale})"
    elif kind.kind == "string":
        same = f"VARCHAR({width(column)})"
    else:
        same = _PLAIN.get(kind.kind, "")
    return same, same, name


def width(column: Column) -> int:
    """Bytes that a text may have: by the words that bound it, where a longer one is refused; else Redshift's most."""
    if column.classification:
        return {"hmac": _HMAC, "redact": _REDACTED}.get(column.mask, (_STARS + column.keep_last) * 4)
    if column.data_type.kind == "time":
        return _TIME_OF_DAY
    if column.otherwise != "warn" and column.data_type.kind == "string":
        if column.enum:
            return max(1, *(len(str(value).encode()) for value in column.enum))
        if column.max_length is not None:
            return min(max(1, column.max_length) * 4, LONGEST_TEXT)
    return LONGEST_TEXT
