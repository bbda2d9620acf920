"""The schema of a file or a table in the catalog's terms, and how the schemas of several files become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UNKNOWN = "UNKNOWN"

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Schema:
    """Format, columns and number of records of a file or of several."""

    classification: str
    columns: Columns = ()
    delimiter: str = ""
    header: bool = False
    compression: str = "none"
    records: int = 0
    quoted: bool = False

    @property
    def form(self) -> tuple[object, ...]:
        """What two files of one table must have in common."""
        return self.classification, self.compression, self.delimiter, self.header


def merge(schemas: Sequence[Schema]) -> Schema:
    """One schema for files of one form: every column, each of a type that holds all its values."""
    columns: dict[str, str] = {}
    for schema in schemas:
        columns = merged(columns, dict(schema.columns))
    first, records = schemas[0], sum(schema.records for schema in schemas)
    return Schema(
        first.classification, tuple(columns.items()), first.delimiter, first.header, first.compression, records,
        any(schema.quoted for schema in schemas),
    )  # fmt: skip


def merged(left: dict[str, str], right: dict[str, str]) -> dict[str, str]:
    """The columns of both, the left ones first."""
    return {**left, **{name: wider(left.get(name, ""), kind) for name, kind in right.items()}}


def wider(left: str, right: str) -> str:
    """The narrowest type that holds both; text where no other does."""
    if not left or not right or left == right:
        return left or right
    numbers = ("tinyint", "smallint", "int", "bigint", "float", "double")
    if left in numbers and right in numbers:
        return max(left, right, key=numbers.index)
    if left.startswith("struct<") and right.startswith("struct<"):
        fields = merged(_fields(left), _fields(right))
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in fields.items())}>"
    if left.startswith("array<") and right.startswith("array<"):
        return f"array<{wider(left[6:-1], right[6:-1])}>"
    return "string"


def _fields(struct: str) -> dict[str, str]:
    fields, depth, begin, inside = dict[str, str](), 0, 0, struct[7:-1] + ","
    for at, letter in enumerate(inside):
        depth += {"<": 1, ">": -1}.get(letter, 0)
        if letter == "," and not depth:
            name, _, kind = inside[begin:at].partition(":")
            fields[name], begin = kind, at + 1
    return fields
