"""Slips in date and time patterns: letters that Spark accepts and nobody means, each with the better letter.

`mm` is minutes and `MM` is months, `hh` goes to twelve, `DD` is the day of the year: such a pattern reads something
else than its author sees in it. Each repair below returns the parts with the better letters, and says why.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence

from headgate.contract.pattern_gaps import gap
from headgate.contract.patterns import EPOCHS, HOURS, Part, alternatives, parts, spelled

Slip = tuple[str, str]
"""What is wrong with a pattern, and what to do."""

_Repair = Callable[[tuple[Part, ...]], tuple[tuple[Part, ...], str]]

_STRPTIME = {"Y": "yyyy", "y": "yy", "m": "MM", "d": "dd", "e": "d", "H": "HH", "I": "hh", "M": "mm", "S": "ss",
             "f": "SSSSSS", "p": "a", "b": "MMM", "B": "MMMM", "j": "DDD", "z": "xx", "Z": "z", "T": "HH:mm:ss",
             "F": "yyyy-MM-dd", "%": "%"}  # fmt: skip
_SQL = {"HH24": "HH", "hh24": "HH", "HH12": "hh", "hh12": "hh", "MI": "mm", "mi": "mm", "MON": "MMM", "Mon": "MMM",
        "MONTH": "MMMM", "AM": "a", "PM": "a", "FF6": "SSSSSS", "FF3": "SSS"}  # fmt: skip
_SQL_WORD = re.compile("|".join(sorted(_SQL, key=len, reverse=True)))
_OTHER_LETTERS = {"Y": ("y", "the year of a week"), "u": ("y", "not a letter of Spark's"), "A": ("a", "not am or pm"),
                  "t": ("a", "not am or pm"), "f": ("S", "not a fraction"), "F": ("S", "not a fraction"),
                  "L": ("M", "a month without a day")}  # fmt: skip
_MOST = {"G": 4, "y": 6, "M": 4, "D": 3, "d": 2, "H": 2, "h": 2, "K": 2, "k": 2, "m": 2, "s": 2, "S": 9, "a": 1,
         "z": 4, "V": 2, "O": 4, "X": 5, "x": 5, "Z": 5}  # fmt: skip
_WEEKDAYS = "Eec"


def slip(pattern: str, kind: str) -> Slip | None:
    """The slip in a pattern of a column of this kind; None where the pattern means what it says."""
    if pattern in EPOCHS:
        return None
    if "_" in pattern and (near := difflib.get_close_matches(pattern, EPOCHS, 1)):
        return "is not a pattern", f"Write `{near[0]}`."
    if not pattern.strip():
        return "is empty", "Write a pattern such as `yyyy-MM-dd`."
    if re.search("%[A-Za-z]", pattern):
        return "is spelled as in `strptime`", f"Write `{_from_strptime(pattern)}`."
    return _of_letters(pattern) or _of_gaps(pattern, kind)


def _from_strptime(pattern: str) -> str:
    return re.sub("%-?([A-Za-z%])", lambda match: _STRPTIME.get(match[1], match[0]), pattern).replace("T", "'T'")


def _of_letters(pattern: str) -> Slip | None:
    try:
        found = parts(_without_sql_words(pattern))
    except ValueError as error:
        return str(error), "Close quotes and brackets, and put other characters between quotes: `'T'`."
    reasons = [] if spelled(found) == pattern else ["it has letters of SQL's `to_date`"]
    for repair in _REPAIRS:
        found, why = repair(found)
        if why and why not in reasons:
            reasons.append(why)
    unknown = [part.source for part in found if part.kind == "field" and len(part.source) > _MOST.get(part.letter, 0)]
    if unknown:
        return _unknown(unknown[0], pattern)
    better = spelled(found)
    if better.strip() != better:
        better, reasons = better.strip(), [*reasons, "no value begins or ends with a space"]
    return ("; ".join(reasons), f"Write `{better}`.") if reasons else None


def _without_sql_words(pattern: str) -> str:
    return pattern if "'" in pattern else _SQL_WORD.sub(lambda match: _SQL[match[0]], pattern)


def _unknown(letters: str, pattern: str) -> Slip:
    if letters[0] in _WEEKDAYS or letters in ("ddd", "dddd"):
        remedy = "Spark reads no weekdays: read the column as a string, and derive the date from a part of it."
        return f"`{letters}` is a weekday", remedy
    remedy = (
        f"Put letters that stand for themselves between quotes (`'{letters}'`); docs/CONTRACTS.md lists the others."
    )
    return f"`{letters}` is not a field of a pattern", remedy


def _of_gaps(pattern: str, kind: str) -> Slip | None:
    for way in alternatives(pattern):
        problem = gap(way, kind)
        if problem:
            what, remedy = problem
            shown = "" if way == pattern else f" when its optional sections make it `{way}`"
            return what + shown, remedy
    return None


def _each(found: Sequence[Part]) -> Iterator[tuple[int, Part, str, str]]:
    """Every field: its place, itself, and the letters of the fields before and after it."""
    letters = ["", *(part.letter for part in found if part.letter), ""]
    number = 0
    for at, part in enumerate(found):
        if part.letter:
            number += 1
            yield at, part, letters[number - 1], letters[number + 1]


def _put(found: tuple[Part, ...], at: int, letters: str) -> tuple[Part, ...]:
    return (*found[:at], Part("field", letters), *found[at + 1 :])


def _bare_t(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    """`T` between date and time; every other letter that is unknown is reported without a guess."""
    better = tuple(Part("text", "'T'") if part.source == "T" else part for part in found)
    return better, "" if better == found else "`T` stands for itself only between quotes"


def _foreign_letters(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    why = ""
    for at, part, _, _ in _each(found):
        if part.letter in _OTHER_LETTERS:
            letter, what = _OTHER_LETTERS[part.letter]
            length = 1 if letter == "a" else len(part.source)
            found, why = _put(found, at, letter * length), f"`{part.source}` is {what}"
    return found, why


def _years(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    for at, part, _, _ in _each(found):
        if part.letter == "y" and len(part.source) not in (2, 4):
            return _put(found, at, "yyyy"), f"`{part.source}` reads years of any length"
    return found, ""


def _months(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    for at, part, before, after in _each(found):
        beside_time = _is_hour(before) or before == "s" or after == "s"
        if part.letter == "m" and (len(part.source) > 2 or (before + after and not beside_time)):
            return _months(_put(found, at, "M" * len(part.source)))[0], f"`{part.source}` is minutes, not months"
    return found, ""


def _minutes(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    months = sum(part.letter == "M" for part in found)
    for at, part, before, after in _each(found):
        follows = _is_hour(before) and (months > 1 or after not in ("d", "y"))
        if part.letter == "M" and len(part.source) < 3 and (follows or after == "s"):
            return _put(found, at, "m" * len(part.source)), f"`{part.source}` is months, not minutes"
    return found, ""


def _seconds(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    for at, part, before, _ in _each(found):
        if part.letter == "S" and len(part.source) < 3 and before == "m":
            return _put(found, at, "ss"), f"`{part.source}` is a fraction, not seconds"
        if part.letter == "s" and before == "s":
            return _put(found, at, "S" * len(part.source)), f"`{part.source}` is seconds, not a fraction"
    return found, ""


def _days(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    letters = {part.letter for part in found}
    for at, part, _, _ in _each(found):
        if part.letter == "D" and (len(part.source) == 2 or (letters & {"M"} and "d" not in letters)):
            return _put(found, at, "d" * min(len(part.source), 2)), f"`{part.source}` is the day of the year"
    return found, ""


def _half_days(found: tuple[Part, ...]) -> tuple[tuple[Part, ...], str]:
    """`hh` and `a` belong together: without `a` half of all hours cannot be written."""
    halves = any(part.letter == "a" for part in found)
    for at, part, _, _ in _each(found):
        if part.letter in "hK" and not halves:
            return _put(found, at, "H" * len(part.source)), f"`{part.source}` goes to twelve and wants `a` (am or pm)"
        if part.letter in "Hk" and halves:
            return _put(found, at, "h" * len(part.source)), f"`{part.source}` goes to 24 and is used with `a`"
    return found, ""


def _is_hour(letter: str) -> bool:
    return letter != "" and letter in HOURS


_REPAIRS: tuple[_Repair, ...] = (_bare_t, _foreign_letters, _years, _months, _minutes, _seconds, _days, _half_days)
