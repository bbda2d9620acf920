"""Iceberg's partition transforms in Spark's spelling, and the types that each takes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRANSFORM = re.compile(r"^(?:(years|months|days|hours)\((\w+)\)|(bucket|truncate)\(\s*(\d+)\s*,\s*(\w+)\s*\)|(\w+))$")
_TIMES = ("timestamp", "timestamp_ntz")
_TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("years", "months", "days"), ("date", *_TIMES)),
    "hours": _TIMES,
    "bucket": ("tinyint", "smallint", "int", "bigint", "decimal", "date", *_TIMES, "string", "binary"),
    "truncate": ("tinyint", "smallint", "int", "bigint", "decimal", "string", "binary"),
}
SAME = ("years", "months", "days", "hours")  # of one column a table takes only one of these


@dataclass(frozen=True)
class Transform:
    """A partition: a transform (empty for the column itself), its number (0 for none) and its column."""

    name: str
    number: int
    column: str

    def problem(self, kind: str) -> str | None:
        """Why a column whose published type is of this kind cannot be partitioned so."""
        if self.name in ("bucket", "truncate") and self.number < 1:
            return f"`{self.name}` needs a number of at least 1"
        if self.name and kind not in _TAKES[self.name]:
            return f"`{self.name}` cannot divide `{self.column}`, which is published as {kind}"
        return None


def transform_of(text: str) -> Transform | None:
    """The transform that a text spells; None when it cannot be read."""
    match = _TRANSFORM.match(text.strip())
    if match is None:
        return None
    return Transform(match[1] or match[3] or "", int(match[4] or 0), match[2] or match[5] or match[6])


def partition_column(text: str) -> str | None:
    """The column that a transform partitions by; None when it cannot be read."""
    transform = transform_of(text)
    return transform.column if transform else None
