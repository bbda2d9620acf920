"""Stacked bars, in percent of a whole: how the page draws counts and seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_LEAST = 0.6  # percent of the bar: a few rows among millions must still be visible
NOT_PUBLISHED = ("closed", "failed", "skipped", "planned", "stopped")


@dataclass(frozen=True)
class Segment:
    """One part of a bar; `start` and `width` are percent of it, `tone` names its colour and pattern."""

    label: str
    amount: float
    tone: str
    start: float = 0.0
    width: float = 0.0


@dataclass(frozen=True)
class Bar:
    """A bar of parts that add up to `total`; `segments` includes empty parts, which are not drawn."""

    total: float
    segments: tuple[Segment, ...]

    @property
    def drawn(self) -> tuple[Segment, ...]:
        """The parts that have a width."""
        return tuple(segment for segment in self.segments if segment.width)


def stacked(parts: Sequence[Segment], scale: float | None = None) -> Bar:
    """Put the parts side by side. `scale` is the amount that fills the whole width; by default the sum of the parts."""
    total = sum(part.amount for part in parts)
    whole = max(scale or 0, total)
    room = 100.0 * total / whole if whole else 0.0
    wanted = [max(_LEAST, 100.0 * part.amount / whole) if part.amount > 0 else 0.0 for part in parts]
    shrink = room / sum(wanted) if sum(wanted) else 0.0
    laid, at = [], 0.0
    for part, width in zip(parts, wanted, strict=True):
        laid.append(Segment(part.label, part.amount, part.tone, round(at, 3), round(width * shrink, 3)))
        at += width * shrink
    return Bar(total, tuple(laid))


def rows_in(dataset: Mapping[str, Any]) -> Bar | None:
    """Where the rows that were read went; None when nothing was counted. Missing rows are drawn as a gap."""
    equation = dataset["equations"]["input"]
    if not equation["rows"]:
        return None
    stopped = dataset["status"] in NOT_PUBLISHED
    parts = [
        Segment(
            "passed the gate, not published" if stopped and part["name"] == "published" else part["name"],
            part["rows"],
            _tone(part["name"], stopped),
        )
        for part in equation["parts"]
        if part["rows"] is not None
    ]
    rest = equation["rows"] - sum(part.amount for part in parts)
    if rest > 0 and equation["holds"] is None:
        parts.insert(0, Segment("passed the gate, not published", rest, "passed"))
    elif rest > 0:
        parts.append(Segment("unaccounted for", rest, "gap"))
    return stacked(parts)


def _tone(name: str, stopped: bool) -> str:
    if name == "deleted":
        return "removed"
    return "passed" if stopped and name == "published" else name


def table_before_and_after(dataset: Mapping[str, Any]) -> tuple[Bar, Bar] | None:
    """The table's rows before and after, on one scale; None where the table did not change or was not counted."""
    before, inserted, removed = dataset["rows_before"], dataset["inserted"], dataset["removed"]
    after = dataset["rows_after"]
    if dataset["status"] != "published" or None in (before, inserted, after) or not before + after:
        return None
    stays, scale = max(before - (removed or 0), 0), max(before, after)
    was = stacked([Segment("stays", stays, "stays"), Segment("removed", removed or 0, "removed")], scale)
    now = stacked([Segment("stays", stays, "stays"), Segment("inserted", inserted, "inserted")], scale)
    return was, now


def time_by_step(seconds: Mapping[str, float]) -> Bar | None:
    """The seconds of each step, in the order of the steps."""
    parts = [Segment(step, spent, f"step{i % 5}") for i, (step, spent) in enumerate(seconds.items())]
    return stacked(parts) if parts else None
