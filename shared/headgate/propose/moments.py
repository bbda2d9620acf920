"""Dates and times: the formats that a column's texts fit, with how many fit each, and which they do not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headgate.propose.kind import Counted, Kind

_Y4, _Y2, _M, _D = r"(?P<y>[12]\d{3})", r"(?P<yy>\d\d)", r"(?P<m>\d\d)", r"(?P<d>\d\d)"
_M1, _D1 = r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_MONTH = r"(?P<mon>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# Spark's pattern and the texts it reads. Of patterns that fit equally many the first is taken.
_DAYS = (
    ("yyyy-MM-dd", f"{_Y4}-{_M}-{_D}"),
    ("yyyy/MM/dd", f"{_Y4}/{_M}/{_D}"),
    ("yyyy.MM.dd", rf"{_Y4}\.{_M}\.{_D}"),
    ("yyyyMMdd", f"{_Y4}{_M}{_D}"),
    ("dd.MM.yyyy", rf"{_D}\.{_M}\.{_Y4}"),
    ("MM.dd.yyyy", rf"{_M}\.{_D}\.{_Y4}"),
    ("d.M.yyyy", rf"{_D1}\.{_M1}\.{_Y4}"),
    ("dd.MM.yy", rf"{_D}\.{_M}\.{_Y2}"),
    ("dd/MM/yyyy", f"{_D}/{_M}/{_Y4}"),
    ("MM/dd/yyyy", f"{_M}/{_D}/{_Y4}"),
    ("d/M/yyyy", f"{_D1}/{_M1}/{_Y4}"),
    ("M/d/yyyy", f"{_M1}/{_D1}/{_Y4}"),
    ("dd/MM/yy", f"{_D}/{_M}/{_Y2}"),
    ("MM/dd/yy", f"{_M}/{_D}/{_Y2}"),
    ("dd-MM-yyyy", f"{_D}-{_M}-{_Y4}"),
    ("MM-dd-yyyy", f"{_M}-{_D}-{_Y4}"),
    ("dd-MMM-yyyy", f"{_D}-{_MONTH}-{_Y4}"),
    ("dd-MMM-yy", f"{_D}-{_MONTH}-{_Y2}"),
    ("d MMM yyyy", f"{_D1} {_MONTH} {_Y4}"),
    ("MMM d, yyyy", f"{_MONTH} {_D1}, {_Y4}"),
)
_DAY_FIRST = {
    "dd.MM.yyyy": "MM.dd.yyyy",
    "dd/MM/yyyy": "MM/dd/yyyy",
    "dd-MM-yyyy": "MM-dd-yyyy",
    "d/M/yyyy": "M/d/yyyy",
    "dd/MM/yy": "MM/dd/yy",
}
_TIME = re.compile(
    r"(?P<gap>T| )(?P<time>([01]\d|2[0-3]):[0-5]\d(?P<s>:[0-5]\d(\.(?P<f>\d{1,9}))?)?)(?P<zone>Z|[+-]\d\d(:?\d\d)?)?\Z"
)
_TIME_OF_DAY = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?P<s>:[0-5]\d)?\Z")
_EPOCHS = (("epoch_millis", re.compile(r"1\d{12}\Z")), ("epoch_seconds", re.compile(r"1\d{9}\Z")))
_OF_TIME = re.compile(r"(?:^|_)(?:time|timestamp|ts|date|at|on|updated|created|modified)(?:$|_)")
_NEARLY = 0.98
_MOST_FORMATS = 4
_TRIED = 200  # texts that show whether a pattern is worth trying on all


@dataclass(frozen=True)
class _Read:
    day: str
    time: str  # Spark's pattern of the time of day, with the zone; empty without
    zoned: bool
    midnight: bool


def moments(name: str, values: Counted) -> Kind | None:
    """A date, a timestamp or a time of day; None where the texts are something else."""
    texts = values.texts
    for epoch, pattern in _EPOCHS:
        if _OF_TIME.search(name) and all(map(pattern.match, texts)):
            return Kind("timestamp", {"formats": [epoch]}, "counts from 1970", values.nothing)
    if all(map(_TIME_OF_DAY.match, texts)):
        form = "HH:mm:ss" if any(text.count(":") == 2 for text in texts) else "HH:mm"
        return Kind("time", {"formats": [form]}, "", values.nothing)
    best = _best(texts)
    if best is None:
        return None
    if best.day == "yyyy-MM-dd":
        best.read.update({text: read for text in texts if (read := _part_of_day(text))})
    if sum(texts[text] for text in best.read) < _NEARLY * values.total:
        return None
    reads = list(best.read.values())
    misfits = [text for text in texts if text not in best.read][:3]
    words: dict[str, object] = {}
    if "yy" in best.day.replace("yyyy", ""):
        words["century_from"] = 1950
    why = best.evidence(values)
    formats = list(dict.fromkeys(read.day + read.time for read in reads))
    if len(formats) > _MOST_FORMATS:
        return None
    if not any(read.time for read in reads):
        return Kind("date", {"formats": formats, **words}, why, values.nothing, misfits)
    if all(read.midnight and not read.zoned for read in reads):
        why += "; the time is always midnight"
        return Kind("date", {"formats": formats, **words}, why, values.nothing, misfits)
    zoned = [read.zoned for read in reads]
    if all(zoned):
        return Kind("timestamp", {"formats": formats, **words}, why, values.nothing, misfits)
    if any(zoned):
        return None
    why += "; local times without a zone: `type: timestamp` with `timezone:` makes instants of them"
    return Kind("timestamp_ntz", {"formats": formats, **words}, why, values.nothing, misfits)


@dataclass(frozen=True)
class _Best:
    day: str
    read: dict[str, _Read]
    other: str  # the pattern with day and month exchanged, and how many values it does not read
    unread: int

    def evidence(self, values: Counted) -> str:
        fitting = sum(values.texts[text] for text in self.read)
        said = f"{fitting:,} of {values.total:,} fit {self.day}"
        if not self.other:
            return said
        if self.unread:
            return f"{said}; {self.unread:,} do not fit {self.other}"
        return f"{said}, and all fit {self.other} too: decide which is meant"


def _best(texts: dict[str, int]) -> _Best | None:
    found: dict[str, dict[str, _Read]] = {}
    first = list(texts)[:_TRIED]
    for day, pattern in _DAYS:
        if 2 * sum(1 for _ in _reads(day, re.compile(pattern), first)) < len(first):
            continue
        read = {text: one for text, one in _reads(day, re.compile(pattern), texts)}
        if read:
            found[day] = read
    if not found:
        return None
    weight = {day: sum(texts[text] for text in read) for day, read in found.items()}
    day = max(found, key=lambda one: weight[one])  # the first of equals
    pairs = {**_DAY_FIRST, **{other: one for one, other in _DAY_FIRST.items()}}
    other = pairs.get(day, "")
    fits_other = sum(texts[text] for text, _ in _reads(other, re.compile(dict(_DAYS)[other]), texts)) if other else 0
    return _Best(day, found[day], other, sum(texts.values()) - fits_other if other else 0)


def _reads(day: str, pattern: re.Pattern[str], texts: Sequence[str] | dict[str, int]) -> Iterator[tuple[str, _Read]]:
    for text in texts:
        match = pattern.match(text)
        if match is None or not _is_day(match.groupdict()):
            continue
        rest = text[match.end() :]
        if not rest:
            yield text, _Read(day, "", False, True)
            continue
        time = _TIME.match(rest)
        if time is not None:
            yield text, _Read(day, _time_pattern(time), time["zone"] is not None, not time["time"].strip("0:."))


def _part_of_day(text: str) -> _Read | None:
    """A year, or a year and a month: among days it means the first one."""
    if re.fullmatch(r"[12]\d{3}(-(0[1-9]|1[0-2]))?", text):
        return _Read("yyyy-MM" if "-" in text else "yyyy", "", False, True)
    return None


def _time_pattern(time: re.Match[str]) -> str:
    gap = "'T'" if time["gap"] == "T" else " "
    fraction = "." + "S" * len(time["f"]) if time["f"] else ""
    zone = time["zone"] or ""
    form = "" if not zone else "X" if zone == "Z" or len(zone) == 3 else "XXX" if ":" in zone else "XX"
    return f"{gap}HH:mm{':ss' if time['s'] else ''}{fraction}{form}"


def _is_day(parts: dict[str, str | None]) -> bool:
    month, day = parts.get("m"), parts.get("d")
    return (month is None or 1 <= int(month) <= 12) and (day is None or 1 <= int(day) <= 31)
