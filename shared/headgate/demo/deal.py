"""What the files of every source need: rows in random order, each used once; arrivals; and the bytes of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from headgate.demo.catalogue import Row
from headgate.demo.delivery import Delivery

BAD_ID = "not-an-id"


@dataclass
class Drawn:
    """Rows of a source in a random order, each handed out once, so that no row gets two faults."""

    rows: list[Row]

    def take(self, count: int) -> list[Row]:
        """The next rows; they are not handed out again."""
        taken, self.rows = self.rows[:count], self.rows[count:]
        return taken


def drawn(rng: Random, rows: Sequence[Row]) -> Drawn:
    """The rows in a random order."""
    return Drawn(rng.sample(rows, len(rows)))


def arrived(month: str, day: int = 2) -> datetime:
    """Six in the morning (UTC) on a day of a month such as `2025-10`."""
    year, number = month.split("-")
    return datetime(int(year), int(number), day, 6, tzinfo=UTC)


def content_of(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    """The rows as a CSV file with these columns."""
    file = Delivery("", arrived("2026-02"), columns, rows=list(rows))
    return file.content()
