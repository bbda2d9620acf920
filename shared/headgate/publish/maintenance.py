"""What maintenance keeps, and what it did to a table of any format."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class KeepRules:
    """What stays: former publications younger than `days`, and everything that a reader or a run may be using now."""

    now: datetime
    days: int

    @property
    def former_since(self) -> datetime:
        """Publications from then on can still be put back."""
        return self.now - timedelta(days=self.days)

    @property
    def used_since(self) -> datetime:
        """Files from then on may belong to a run, or be read, right now."""
        return self.now - timedelta(days=1)


@dataclass
class MaintenanceCounts:
    """What was done; `files_removed` are data files, `bytes_removed` is counted for Parquet tables only."""

    branches_dropped: int = 0
    files_compacted: int = 0
    files_written: int = 0
    files_removed: int = 0
    orphans_removed: int = 0
    folders_removed: int = 0
    bytes_removed: int = 0

    def as_dict(self) -> dict[str, int]:
        """Every count, by name."""
        return asdict(self)
