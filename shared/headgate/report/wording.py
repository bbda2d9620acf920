"""Numbers, times and verdicts in the words of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

VERDICTS = {
    "published": "Published",
    "unchanged": "Nothing new",
    "planned": "Planned, nothing written",
    "closed": "Gate closed",
    "failed": "Run failed",
    "skipped": "Skipped",
}
STATUSES = {**VERDICTS, "unchanged": "Unchanged", "planned": "Planned", "failed": "Failed"}
EFFECTS = {"held": "Held", "warned": "Warned", "quarantined": "Quarantined", "closed": "Closed the gate"}
SCOPES = {"row": "each row", "batch": "this run's rows", "table": "the whole table"}
_ENDED = {
    "failed": "failed",
    "closed": "was closed by the gate",
    "skipped": "was skipped",
    "published": "was published",
    "unchanged": "had nothing new",
    "planned": "was planned",
}
_ENDED_MANY = {**_ENDED, **{k: v.replace("was ", "were ") for k, v in _ENDED.items()}}
UNCOUNTED = "\u2013"  # a dash
_LONGEST = 80  # characters of a value on the page; run.json has it whole


def number(value: float | None) -> str:
    """With thousands separated; a dash for what was not counted."""
    return UNCOUNTED if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    """A percentage that never rounds something to nothing, or nearly all to all."""
    if value is None:
        return UNCOUNTED
    if 0 < value < 0.01:
        return "<\u00a00.01\u00a0%"
    if 99.99 < value < 100:
        return ">\u00a099.99\u00a0%"
    return f"{value:.2f}".rstrip("0").rstrip(".") + "\u00a0%"


def size(count: int | None) -> str:
    """Bytes, in units of 1000."""
    if count is None:
        return UNCOUNTED
    amount, unit = float(count), "B"
    for bigger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, bigger
    return f"{count} B" if unit == "B" else f"{amount:.3g} {unit}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return UNCOUNTED
    if seconds < 59.95:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def moment(text: str) -> str:
    """A time of the record, to the second."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S UTC")


def value(one: Any, longest: int = _LONGEST) -> str:
    """A value as it stood there: texts as they are, everything else as JSON; a long one is cut."""
    text = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def distinct(samples: Sequence[Any]) -> list[Any]:
    """Each value once, in the order in which they were seen."""
    return list({value(one): one for one in samples}.values())


def called(check: Mapping[str, Any]) -> str:
    """A check's expectation with its arguments on one line; the column is left to the check's name, which has it."""
    named = check["id"].partition(".")[0]
    shown = {name: one for name, one in check["kwargs"].items() if (name, one) != ("column", named)}
    told = ", ".join(f"{name}: {value(one, 3 * _LONGEST)}" for name, one in shown.items())
    return f"{check['expectation']} ({told})" if told else check["expectation"]


def sentence(record: Mapping[str, Any]) -> str:
    """How the datasets ended, the worst first: `Of 6 datasets 1 failed, 2 were published.`"""
    statuses = [one["status"] for one in record["datasets"].values()]
    if not statuses:
        return "No dataset was begun."
    counts = [(name, statuses.count(name)) for name in _ENDED if name in statuses]
    if len(statuses) == 1:
        return f"The dataset {_ENDED[statuses[0]]}."
    told = [f"{count} {_ENDED[name] if count == 1 else _ENDED_MANY[name]}" for name, count in counts]
    return f"Of {len(statuses)} datasets {_listed(told)}."


def marked(text: str) -> Markup:
    """The text, escaped, with what stands in backticks set as code."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(one) if i % 2 else escape(one) for i, one in enumerate(pieces)
    )


def reasons(text: str) -> list[str]:
    """The reasons of a gate that closed, one by one: the gate joins them with semicolons, and uses some inside."""
    found, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(text):
        quoted ^= letter == "`"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if depth <= 0 and not quoted and text.startswith("; ", at):
            found.append(text[start:at])
            start = at + 2
    return [one for one in (*found, text[start:]) if one.strip()]


def _listed(told: Sequence[str]) -> str:
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


FILTERS = (number, percent, size, duration, moment, value, distinct, called, marked)
