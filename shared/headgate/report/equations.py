"""The sums of rows that must be right, with their counts."""

from __future__ import annotations

from headgate.outcome import PARTS, Outcome
from headgate.report.record_model import Equation, Equations, Part

FINISHED = ("published", "unchanged")  # only a run whose sums were checked ends like this


def equations(o: Outcome) -> Equations:
    """The three sums of an outcome. A sum is checked when all its counts are known, or when the run finished."""
    return Equations(
        input=_equation(o, "read", _parts(o)),
        published=_equation(o, "published", ["inserted", "updated", "unchanged"]),
        table=_equation(o, "rows_after", ["rows_before", "inserted"], ["removed"]),
    )


def _parts(o: Outcome) -> list[str]:
    return [name for name in PARTS if name != "deleted" or o.deleted]


def _equation(o: Outcome, total: str, plus: list[str], minus: list[str] | None = None) -> Equation:
    signed = [(name, "+") for name in plus] + [(name, "-") for name in minus or []]
    parts = [Part(name=name, rows=_count(o, name), sign=sign) for name, sign in signed]  # type: ignore[arg-type]
    rows, added = getattr(o, total), _sum(parts)
    checked = o.status in FINISHED or (rows is not None and added is not None)
    return Equation(
        total=total,
        rows=rows,
        parts=parts,
        sum=added,
        holds=(rows is not None and rows == added) if checked else None,
        text=_text(total, rows, parts),
    )


def _count(o: Outcome, name: str) -> int | None:
    """A part's count; what a finished run did not have to count is 0 rows, as in `Outcome.balance`."""
    rows = getattr(o, name)
    return 0 if rows is None and o.status in FINISHED else rows


def _sum(parts: list[Part]) -> int | None:
    counted = [part.rows if part.sign == "+" else -part.rows for part in parts if part.rows is not None]
    return sum(counted) if len(counted) == len(parts) else None


def _text(total: str, rows: int | None, parts: list[Part]) -> str:
    right = " ".join(f"{part.sign} {_term(part.name, part.rows)}" for part in parts).removeprefix("+ ")
    return f"{_term(total, rows)} = {right}"


def _term(name: str, rows: int | None) -> str:
    return f"{name} {'?' if rows is None else rows}"
