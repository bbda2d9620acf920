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

Place = tuple[str, ...]
"""A column, or a field inside a nested one: `("item", "element", "sku")`; elements and values have Iceberg's names."""


@dataclass(frozen=True)
class Difference:
    """What to add (place, type, the column or field before), what to widen, and what only a rebuild can change."""

    added: tuple[tuple[Place, str, str | None], ...]
    widened: tuple[tuple[Place, str], ...]
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
        for place, kind, before in self.added:
            at = f"AFTER {_quoted((before,))}" if before else "FIRST"
            yield f"ALTER TABLE {table} ADD COLUMN {_quoted(place)} {kind} {at}"
        for place, kind in self.widened:
            yield f"ALTER TABLE {table} ALTER COLUMN {_quoted(place)} TYPE {kind}"


def compare(published: T.StructType, contract: Contract, partitions: Sequence[str]) -> Difference:
    """Compare the published table with the contract, column by column, without nullability: Spark does not keep it."""
    existing = {field.name: field.dataType for field in published.fields}
    added, widened, rebuild = [], [], []
    before: str | None = None
    columns = published_types(contract)
    for name, ddl in columns:
        wanted = spark_type(parse_type(ddl))
        if name not in existing:
            added.append(((name,), _ddl(wanted), before))
        elif existing[name].simpleString() != wanted.simpleString():
            inside = _inside((name,), existing[name], wanted)
            if inside is None:
                found = existing[name].simpleString()
                rebuild.append(f"column `{name}` is {found}, the contract says {ddl}")
            else:
                added += inside.added
                widened += inside.widened
        before = name
    rebuild += [f"column `{name}` is not in the contract" for name in existing if name not in dict(columns)]
    if list(partitions) != list(contract.partition_by):
        rebuild.append(f"it is partitioned by {list(partitions)}, the contract says {list(contract.partition_by)}")
    return Difference(tuple(added), tuple(widened), tuple(rebuild))


def _inside(place: Place, found: T.DataType, wanted: T.DataType) -> Difference | None:
    """What makes one type out of another in place; None where only a rebuild can."""
    if found.simpleString() == wanted.simpleString():
        return Difference((), (), ())
    if isinstance(found, T.StructType) and isinstance(wanted, T.StructType):
        return _fields(place, found, wanted)
    if isinstance(found, T.ArrayType) and isinstance(wanted, T.ArrayType):
        return _inside((*place, "element"), found.elementType, wanted.elementType)
    if isinstance(found, T.MapType) and isinstance(wanted, T.MapType):
        same_key = found.keyType.simpleString() == wanted.keyType.simpleString()
        return _inside((*place, "value"), found.valueType, wanted.valueType) if same_key else None
    return Difference((), ((place, _ddl(wanted)),), ()) if _widens(found, wanted) else None


def _fields(place: Place, found: T.StructType, wanted: T.StructType) -> Difference | None:
    """The fields that are new in a struct; those that it has must stay, in their order."""
    if [name for name in wanted.names if name in found.names] != found.names:
        return None
    added, widened = list[tuple[Place, str, str | None]](), list[tuple[Place, str]]()
    for before, field in zip((None, *wanted.names), wanted.fields, strict=False):
        if field.name not in found.names:
            added.append(((*place, field.name), _ddl(field.dataType), before))
            continue
        inside = _inside((*place, field.name), found[field.name].dataType, field.dataType)
        if inside is None:
            return None
        added += inside.added
        widened += inside.widened
    return Difference(tuple(added), tuple(widened), ())


def _widens(found: T.DataType, wanted: T.DataType) -> bool:
    if isinstance(found, T.DecimalType) and isinstance(wanted, T.DecimalType):
        return found.scale == wanted.scale and wanted.precision > found.precision
    return (type(found), type(wanted)) in _WIDENS


def _quoted(place: Sequence[str | None]) -> str:
    return ".".join(f"`{name}`" for name in place)


def _ddl(kind: T.DataType) -> str:
    """The type in Spark's DDL, with quoted names of fields."""
    if isinstance(kind, T.StructType):
        return f"struct<{','.join(f'`{field.name}`:{_ddl(field.dataType)}' for field in kind.fields)}>"
    if isinstance(kind, T.ArrayType):
        return f"array<{_ddl(kind.elementType)}>"
    if isinstance(kind, T.MapType):
        return f"map<{_ddl(kind.keyType)},{_ddl(kind.valueType)}>"
    return kind.simpleString()
