"""How a contract's columns differ from the published table's, and the statements that remove the difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyspark.sql import types as T

from headgate.contract.model import Contract
from headgate.contract.types import parse_type
from headgate.publish.change import published_types
from headgate.spark.types import spark_type

_WIDENS = {(T.IntegerType, T.LongType), (T.FloatType, T.DoubleType)}


@dataclass(frozen=True)
class Difference:
    """Columns to add (name, type, the column before), columns to widen, and what only a rebuild can change."""

    added: tuple[tuple[str, str, str | None], ...]
    widened: tuple[tuple[str, str], ...]
    rebuild: tuple[str, ...]

    @property
    def none(self) -> bool:
        """True when the table matches the contract."""
        return not (self.added or self.widened or self.rebuild)

    @property
    def additive(self) -> bool:
        """True when DDL that loses nothing makes the table match."""
        return bool(self.added or self.widened) and not self.rebuild

    def statements(self, table: str) -> Iterator[str]:
        """The DDL, in order."""
        for name, kind, before in self.added:
            yield f"ALTER TABLE {table} ADD COLUMN `{name}` {kind} " + (f"AFTER `{before}`" if before else "FIRST")
        for name, kind in self.widened:
            yield f"ALTER TABLE {table} ALTER COLUMN `{name}` TYPE {kind}"


def compare(published: T.StructType, contract: Contract, partitions: Sequence[str]) -> Difference:
    """Compare the published table with the contract, column by column, without nullability: Spark does not keep it."""
    existing = {field.name: field.dataType for field in published.fields}
    added, widened, rebuild = [], [], []
    before: str | None = None
    columns = published_types(contract)
    for name, ddl in columns:
        wanted = spark_type(parse_type(ddl))
        if name not in existing:
            added.append((name, ddl, before))
        elif existing[name].simpleString() != wanted.simpleString():
            if _widens(existing[name], wanted):
                widened.append((name, ddl))
            else:
                found = existing[name].simpleString()
                rebuild.append(f"column `{name}` is {found}, the contract says {ddl}")
        before = name
    rebuild += [f"column `{name}` is not in the contract" for name in existing if name not in dict(columns)]
    if list(partitions) != list(contract.partition_by):
        rebuild.append(f"it is partitioned by {list(partitions)}, the contract says {list(contract.partition_by)}")
    return Difference(tuple(added), tuple(widened), tuple(rebuild))


def _widens(found: T.DataType, wanted: T.DataType) -> bool:
    if isinstance(found, T.DecimalType) and isinstance(wanted, T.DecimalType):
        return found.scale == wanted.scale and wanted.precision > found.precision
    return (type(found), type(wanted)) in _WIDENS
