"""Which stored rows a batch can meet at all: bounds of its keys, by which a table's files are left out unread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from headgate.contract.model import Column as Spec
from headgate.contract.model import Contract
from headgate.contract.partitions import Transform, transform_of

MANY_PARTITIONS = 100  # more of them are not named
_BOUNDED = ("tinyint", "smallint", "int", "bigint", "decimal", "string", "date", "timestamp", "timestamp_ntz")
_UNITS = {"years": "YEAR", "months": "MONTH", "days": "DAY", "hours": "HOUR"}
_ALIKE = re.compile("[\u0001-\ud7ff]*")  # Spark orders them by bytes and Iceberg by UTF-16 units, with one result
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")


@dataclass(frozen=True)
class Reach:
    """Conditions that hold for every stored row whose key a batch has: in Spark SQL, `{t}` before each column."""

    conditions: tuple[str, ...] = ()

    def condition(self, table: str = "") -> str:
        """All of them as one, `true` for none; `table` is written before each column (`t.`)."""
        return " AND ".join(f"({text.replace('{t}', table)})" for text in self.conditions) or "true"

    def within(self, stored: DataFrame) -> DataFrame:
        """The stored rows within reach."""
        return stored.where(F.expr(self.condition())) if self.conditions else stored


NO_BOUNDS = Reach()


def reach_of(rows: DataFrame, contract: Contract) -> Reach:
    """The reach of a batch: its smallest and greatest keys, and its partitions where the key decides them.

    Rows that are compared by all of their values (`distinct`) are bounded by the columns of their partitions. A masked
    column bounds nothing, nor does one with a null or with values that are not ordered alike everywhere.
    """
    transforms = [found for text in contract.partition_by if (found := transform_of(text))]
    compared = contract.key or dict.fromkeys(transform.column for transform in transforms)
    plain = [spec for spec in contract.published if spec.name in compared and _is_bounded(spec)]
    bounds = dict(_bounds(rows, plain))
    specs = {spec.name: spec for spec in plain if spec.name in bounds}
    named = (_partitions(rows, found, specs[found.column]) for found in transforms if found.column in specs)
    return Reach((*bounds.values(), *filter(None, named)))


def _is_bounded(spec: Spec) -> bool:
    return not spec.classification and spec.data_type.kind in _BOUNDED


def _bounds(rows: DataFrame, specs: Sequence[Spec]) -> Iterator[tuple[str, str]]:
    """A condition for each of the columns that have a smallest and a greatest value, by the column's name."""
    wanted = list[Column]()
    for at, spec in enumerate(specs):
        value = F.col(spec.name)
        ends = (_text(end, spec).alias(f"{name}{at}") for name, end in (("low", F.min(value)), ("high", F.max(value))))
        wanted += [F.count_if(value.isNull()).alias(f"nulls{at}"), *ends]
    found = rows.agg(*wanted).first() if wanted else None
    for at, spec in enumerate(specs):
        low, high = (_literal(found[f"{end}{at}"], spec) if found else None for end in ("low", "high"))
        if found and not found[f"nulls{at}"] and low and high:
            yield spec.name, f"{{t}}`{spec.name}` >= {low} AND {{t}}`{spec.name}` <= {high}"


def _partitions(rows: DataFrame, transform: Transform, spec: Spec) -> str | None:
    """A condition that names the partitions of the rows; None where there are too many, or no range is one."""
    column, unit = F.col(spec.name), _UNITS.get(transform.name)
    if transform.name and unit is None:
        return None
    start = column if unit is None else F.date_trunc(unit, column).cast(spec.data_type.ddl)
    found = rows.select(_text(start, spec).alias("start")).distinct().limit(MANY_PARTITIONS + 1).collect()
    starts = [_literal(row["start"], spec) for row in found]
    if len(starts) > MANY_PARTITIONS or None in starts:
        return None
    name = f"{{t}}`{spec.name}`"
    if unit is None:
        return f"{name} IN ({', '.join(map(str, starts))})"
    return " OR ".join(f"({name} >= {low} AND {name} < {low} + INTERVAL 1 {unit})" for low in starts)


def _text(value: Column, spec: Spec) -> Column:
    """A value as a text from which SQL makes exactly this value again, in any zone of the session."""
    kind = spec.data_type.kind
    exact = F.unix_date(value) if kind == "date" else F.unix_micros(value) if kind == "timestamp" else value
    return exact.cast("string")


def _literal(text: str | None, spec: Spec) -> str | None:
    """The value of such a text in SQL; None for one whose order or spelling is not the same everywhere."""
    kind = spec.data_type.kind
    if text is None or not _ALIKE.fullmatch(text) or (kind == "timestamp_ntz" and not _MOMENT.fullmatch(text)):
        return None
    if kind == "date":
        return f"date_from_unix_date({text})"
    if kind == "timestamp":
        return f"timestamp_micros({text})"
    written = f"CAST(X'{text.encode().hex()}' AS STRING)"
    return written if kind == "string" else f"CAST({written} AS {spec.data_type.ddl})"
