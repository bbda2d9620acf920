"""Verification: one query per table, whose one row is compared with the lake's figures of the newest export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.contract.model import Contract
from headgate.warehouse.exported import Exported
from headgate.warehouse.figures import TABLE, differing, figures
from headgate.warehouse.names import Warehouse, text


@dataclass(frozen=True)
class Compared:
    """One figure, in the lake and in the warehouse."""

    figure: str
    lake: str | None
    warehouse: str | None
    equal: bool


@dataclass(frozen=True)
class Verified:
    """A table that was verified. `loaded` is false where the newest export is not loaded: then nothing was compared."""

    dataset: str
    run: str
    sequence: int
    loaded: int | None
    figures: Sequence[Compared]

    @property
    def differing(self) -> list[Compared]:
        """The figures that differ."""
        return [figure for figure in self.figures if not figure.equal]

    @property
    def success(self) -> bool:
        """True where the newest export is loaded and every figure is equal."""
        return self.loaded == self.sequence and not self.differing


def verification_query(contract: Contract, warehouse: Warehouse) -> str:
    """One row: the greatest loaded sequence, then every figure as a text."""
    table = warehouse.table(contract.dataset)
    loaded = f'(SELECT MAX("sequence") FROM {warehouse.loads} WHERE "dataset" = {text(contract.dataset)})'
    values = [figure.redshift.replace(TABLE, table) for figure in figures(contract)]
    shown = ",\n  ".join(f"CAST({value} AS VARCHAR)" for value in (loaded, *values))
    return f"SELECT\n  {shown}\nFROM {table}"


def verified(contract: Contract, export: Exported, row: Sequence[str | None]) -> Verified:
    """The result, from the row of the query."""
    loaded = None if row[0] is None else int(row[0])
    found = {figure.name: value for figure, value in zip(figures(contract), row[1:], strict=True)}
    if loaded != export.sequence:
        return Verified(export.dataset, export.run, export.sequence, loaded, ())
    wrong = set(differing(export.figures, found, contract))
    compared = [Compared(name, export.figures.get(name), value, name not in wrong) for name, value in found.items()]
    return Verified(export.dataset, export.run, export.sequence, loaded, compared)
