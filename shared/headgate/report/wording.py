"""Numbers, times and statuses as the page shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

RUN_STATUSES = {
    "published": "Published",
    "unchanged": "Nothing new",
    "planned": "Planned, nothing written",
    "closed": "Gate closed",
    "failed": "Run failed",
    "stopped": "Stopped",
    "skipped": "Skipped",
}
DATASET_STATUSES = {**RUN_STATUSES, "unchanged": "Unchanged", "planned": "Planned", "failed": "Failed"}
EFFECTS = {"passed": "Passed", "warned": "Warned", "quarantined": "Quarantined", "closed": "Closed the gate"}
SCOPES = {"row": "each row", "batch": "this run's rows", "table": "the whole table"}
_ENDED = {
    "stopped": "was stopped with Ctrl-C",
    "failed": "failed",
    "closed": "was stopped at the gate",
    "skipped": "was skipped",
    "published": "was published",
    "unchanged": "had nothing new",
    "planned": "was planned",
}
_ENDED_MANY = {**_ENDED, **{k: v.replace("was ", "were ") for k, v in _ENDED.items()}}
UNCOUNTED = "\u2013"  # a dash
_LONGEST = 80  # characters of a value on the page; run.json has the whole value


def number(value: float | None) -> str:
    """A number with separated thousands; a dash for what was not counted."""
    return UNCOUNTED if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    """A percentage; it never rounds a little to 0 %, or nearly everything to 100 %."""
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
    """Seconds, in units that a person would use."""
    if seconds is None:
        return UNCOUNTED
    if seconds < 59.95:
        return f"{seconds:.2g} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def usd(amount: float) -> str:
    """An amount in USD; a run often costs less than a cent."""
    return f"{amount:,.2f} USD" if amount >= 1 else f"{amount:.4f} USD"


def moment(text: str) -> str:
    """A time from the record, to the second."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S UTC")


def value(content: Any, longest: int = _LONGEST) -> str:
    """A value from the record: texts as they are, everything else as JSON; a long one is cut."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def distinct(samples: Sequence[Any]) -> list[Any]:
    """Each value once, in order of appearance."""
    return list({value(sample): sample for sample in samples}.values())


def called(check: Mapping[str, Any]) -> str:
    """A check's expectation with its arguments on one line; without the column that the check's id begins with."""
    column = check["id"].partition(".")[0]
    shown = [(name, given) for name, given in check["kwargs"].items() if (name, given) != ("column", column)]
    arguments = ", ".join(f"{name}: {value(given, 3 * _LONGEST)}" for name, given in shown)
    return f"{check['expectation']} ({arguments})" if arguments else check["expectation"]


def sentence(record: Mapping[str, Any]) -> str:
    """How the datasets ended, the worst first: `Of 6 datasets 1 failed and 5 were published.`"""
    statuses = [dataset["status"] for dataset in record["datasets"].values()]
    if not statuses:
        return "No dataset was started."
    counts = [(name, statuses.count(name)) for name in _ENDED if name in statuses]
    if len(statuses) == 1:
        return f"The dataset {_ENDED[statuses[0]]}."
    clauses = [f"{count} {_ENDED[name] if count == 1 else _ENDED_MANY[name]}" for name, count in counts]
    return f"Of {len(statuses)} datasets {_listed(clauses)}."


def marked(text: str) -> Markup:
    """The text, escaped; what is in backticks becomes code."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def reasons(text: str) -> list[str]:
    """Split the reasons of a closed gate: it joins them with semicolons, and a reason may contain some itself."""
    split, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(text):
        quoted ^= letter == "`"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if depth <= 0 and not quoted and text.startswith("; ", at):
            split.append(text[start:at])
            start = at + 2
    return [reason for reason in (*split, text[start:]) if reason.strip()]


def _listed(clauses: Sequence[str]) -> str:
    return clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])} and {clauses[-1]}"


FILTERS = (number, percent, size, duration, usd, moment, value, distinct, called, marked)
