"""Former publications: what a rollback can put back."""

from __future__ import annotations

from dataclasses import dataclass

REMEMBERED = 20  # former publications that a table remembers


@dataclass(frozen=True)
class Former:
    """An earlier publication: the ledger file it points at, and its version (a snapshot, or a run)."""

    pointer: str
    version: str

    @property
    def run(self) -> str:
        """The run that published it: a ledger file is named after its run."""
        return self.pointer.rpartition("/")[2].removesuffix(".json")
