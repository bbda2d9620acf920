"""The change that a run makes to a table of any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from headgate import columns
from headgate.columns import ACTION, INSERT, OBJECT, REFRESH, UPDATE
from headgate.contract.model import Contract
from headgate.publish.align import with_added_fields
from headgate.publish.reach import NO_BOUNDS, Reach


@dataclass(frozen=True)
class Change:
    """Rows to write, with `_action`, and what they replace.

    `watched` are the same rows, counted by the first job over them: the one that writes. `whole` replaces everything.
    `replaced_objects` are objects whose published rows are removed (append). `leaving` has the keys to delete (merge).
    Inserted and updated rows carry `run`. All stored rows that the change replaces or deletes are within `reach`.
    """

    rows: DataFrame
    whole: bool
    replaced_objects: Sequence[str]
    leaving: DataFrame | None
    only_inserts: bool
    run: str = ""
    inserted: int = 0
    updated: int = 0
    watched: DataFrame | None = None
    reach: Reach = NO_BOUNDS

    def unwatched(self) -> Change:
        """The same change for another purpose than writing its rows: nothing is counted."""
        return replace(self, watched=None)

    def writing(self, contract: Contract) -> DataFrame:
        """The rows to insert or update, in the table's columns, with `_action`."""
        rows = self.rows if self.watched is None else self.watched
        wanted = rows.where(F.col(ACTION).isin(INSERT, UPDATE, REFRESH))
        return wanted.select(*published_columns(contract), ACTION)

    def proposed(self, stored: DataFrame | None, contract: Contract) -> DataFrame:
        """The table as it would be published: stored, minus what is replaced, plus what is written."""
        rows = self.writing(contract).drop(ACTION)
        if stored is None or self.whole:
            return rows
        survivors = with_added_fields(self._surviving(stored, contract), published_types(contract))
        return survivors.unionByName(rows, allowMissingColumns=True)

    def _surviving(self, stored: DataFrame, contract: Contract) -> DataFrame:
        if contract.mode == "append":
            return stored.where(~F.col(OBJECT).isin(*self.replaced_objects)) if self.replaced_objects else stored
        key = list(contract.key)
        replaced = self.writing(contract).select(*key)
        survivors = stored.join(replaced, key, "left_anti")
        return survivors if self.leaving is None else survivors.join(self.leaving, key, "left_anti")


def published_columns(contract: Contract) -> list[str]:
    """The names of the table's columns, in order."""
    return [name for name, _ in published_types(contract)]


def published_types(contract: Contract) -> list[tuple[str, str]]:
    """The table's columns with their Spark DDL types: the contract's, then the technical ones (a mart has none)."""
    technical = () if contract.is_mart else columns.TECHNICAL
    return [
        *((column.name, column.published_type) for column in contract.published),
        *((column.name, column.type) for column in technical),
    ]
