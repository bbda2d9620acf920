"""What a pattern leaves open: fields that are missing, occur twice, or are in an order that nobody means.

Spark fills a gap with its own values (1970 for a missing year), so a pattern with a gap is refused.
"""

from __future__ import annotations

from headgate.contract.patterns import HOURS, TIME_OF_DAY, ZONES, fields

_SPELLED = {"y": "yyyy", "M": "MM", "d": "dd", "H": "HH", "m": "mm", "s": "ss"}
_NAMES = {"y": "year", "M": "month", "d": "day", "H": "hour", "m": "minute", "s": "second"}
_NEEDS = {"d": "M", "M": "y", "D": "y", "G": "y", "m": "H", "s": "m", "S": "s", "a": "H"}
_CLASSES = {**dict.fromkeys(HOURS, "H"), **dict.fromkeys(ZONES, "Z")}
_DATE_ONLY = "yMdDG"


def gap(pattern: str, kind: str) -> tuple[str, str] | None:
    """What a pattern without optional sections leaves open for a column of this kind, and what to do."""
    classes = [_CLASSES.get(part.letter, part.letter) for part in fields(pattern)]
    if pattern != pattern.strip():
        return "begins or ends with a space, and no value does", "Put the space inside the optional section."
    twice = next((letter for at, letter in enumerate(classes) if letter in classes[:at]), None)
    if twice:
        return f"reads the {_NAMES.get(twice, f'field `{twice}`')} twice", "Keep one, or write several formats."
    return _of_kind(classes, kind) or _missing(classes, kind) or _order(classes)


def _of_kind(classes: list[str], kind: str) -> tuple[str, str] | None:
    has_date = any(letter in _DATE_ONLY for letter in classes)
    if kind == "time" and has_date:
        return "reads a date, and a `time` has none", "Type the column as a timestamp, or leave the date out."
    if kind == "time" and "Z" in classes:
        return "reads a zone, and a `time` has none", "Leave the zone out."
    if kind == "date" and "Z" in classes:
        return "reads a zone, and a date has none", "Type it as a timestamp and derive the date."
    if kind == "timestamp_ntz" and "Z" in classes:
        return "reads a zone, and a `timestamp_ntz` would drop it", "Type it as a `timestamp`."
    if kind != "time" and not has_date:
        return "reads no date", "Type the column as `time`, or read the date as well."
    return None


def _missing(classes: list[str], kind: str) -> tuple[str, str] | None:
    for letter in classes:
        needed = _NEEDS.get(letter)
        if needed and needed not in classes:
            name, spelled = _NAMES[needed], _SPELLED[needed]
            return f"has no {name}", f"Add the {name} (`{spelled}`); where values have none, read a string and derive."
    timed = any(letter in TIME_OF_DAY for letter in classes)
    if kind != "time" and timed and not {"d", "D"} & set(classes):
        return "has no day", "Add the day (`dd`)."
    if timed and "H" not in classes:
        return "has no hour", "Add the hour (`HH`)."
    return None


def _order(classes: list[str]) -> tuple[str, str] | None:
    times = [letter for letter in classes if letter in "HmsS"]
    if times != sorted(times, key="HmsS".index):
        return "reads the parts of the time of day in an odd order", "Write `HH:mm:ss`, with a fraction behind it."
    return None
