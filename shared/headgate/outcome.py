"""The outcome of one run for one dataset: the counts that must add up, and why it ended that way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from headgate.checks.check import CheckResult
from headgate.errors import RunFailed

Status = Literal["published", "unchanged", "skipped", "closed", "failed", "planned", "stopped"]

COUNTS = ("read", "published", "superseded", "conflicting", "deleted", "skipped", "quarantined", "inserted", "updated",
          "unchanged", "removed", "rows_before", "rows_after")  # fmt: skip
PARTS = ("published", "superseded", "deleted", "skipped", "quarantined")  # of the rows read


@dataclass
class Outcome:
    """Counts are rows, but for `files_refused` and those in `objects`. A count is None until its step has counted."""

    dataset: str
    kind: Literal["dataset", "mart"]
    status: Status = "failed"
    reason: str | None = None
    read: int | None = None
    published: int | None = None
    superseded: int | None = None
    conflicting: int | None = None  # superseded or refused rows that contradict another one of their file and key
    deleted: int | None = None  # rows that deleted their key
    skipped: int | None = None
    skipped_by: Mapping[str, int] = field(default_factory=dict)  # reason to rows
    quarantined: int | None = None
    inserted: int | None = None
    updated: int | None = None
    unchanged: int | None = None
    removed: int | None = None
    rows_before: int | None = None
    rows_after: int | None = None
    files_refused: int = 0
    vanished: int | None = None
    checks: Sequence[CheckResult] = ()
    objects: Mapping[str, Any] = field(default_factory=dict)  # read, bytes, refused with reasons, planned
    drift: Mapping[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # by step
    key_versions: Mapping[str, str] = field(default_factory=dict)  # of the keys that masked, by domain
    ledger: str | None = None
    version: str | None = None
    error: Mapping[str, str] | None = None
    notes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int | None]:
        """Every row count, by name."""
        return {name: getattr(self, name) for name in COUNTS}

    def balance(self) -> None:
        """Check both equations of the rows. Raises `RunFailed` with both sides of the one that does not hold."""
        self._rows_in()
        self._rows_of_the_table()

    def adds_up(self) -> bool:
        """True when both equations hold."""
        try:
            self.balance()
        except RunFailed:
            return False
        return True

    def accounts_for_every_row(self) -> bool:
        """True when every row read is published, superseded, deleting, skipped or quarantined."""
        return self.read == sum(self._parts().values())

    def _parts(self) -> dict[str, int]:
        return {k: getattr(self, k) or 0 for k in PARTS}

    def _rows_in(self) -> None:
        parts = self._parts()
        if self.read != sum(parts.values()):
            raise _does_not_add_up(self.dataset, "read", self.read, parts)

    def _rows_of_the_table(self) -> None:
        parts = {k: getattr(self, k) or 0 for k in ("inserted", "updated", "unchanged")}
        if self.published != sum(parts.values()):
            raise _does_not_add_up(self.dataset, "published", self.published, parts)
        table = {"rows_before": self.rows_before or 0, "inserted": self.inserted or 0, "removed": -(self.removed or 0)}
        if self.rows_after != sum(table.values()):
            raise _does_not_add_up(self.dataset, "rows_after", self.rows_after, table)


def _does_not_add_up(dataset: str, name: str, total: int | None, parts: Mapping[str, int]) -> RunFailed:
    sides = " + ".join(f"{k} {v}" for k, v in parts.items())
    return RunFailed(
        f"the rows do not add up: {name} is {total}, but {sides} is {sum(parts.values())}",
        where=dataset,
        remedy="Nothing was published. Run again, and report it if it happens again.",
    )
