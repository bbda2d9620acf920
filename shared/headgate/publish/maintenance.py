"""What maintenance keeps, and what it did to a table, whichever format the table has."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Keep:
    """What stays: former publications younger than `days`, and whatever a reader or a run of today may be using."""

    now: datetime
    days: int

    @property
    def former_since(self) -> datetime:
        """Former publications from then on can still be put back."""
        return self.now - timedelta(days=self.days)

    @property
    def used_since(self) -> datetime:
        """What is younger may belong to a run, or be read, right now."""
        return self.now - timedelta(days=1)


@dataclass
class Care:
    """Counts of what was done; `files_removed` are data files, `bytes_removed` where the format tells."""

    branches_dropped: int = 0
    files_compacted: int = 0
    files_written: int = 0
    files_removed: int = 0
    orphans_removed: int = 0
    folders_removed: int = 0
    bytes_removed: int = 0

    def counts(self) -> dict[str, int]:
        """Every count, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}
