"""Rules about values that a contract writes down: a sentinel must be a value of its column, or it means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from headgate.contract.model import Column, Contract
from headgate.contract.types import FLOATS, INTEGERS, TIMES

Broken = tuple[str, str, str]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_RUN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|.", re.DOTALL)
_REMEDY = "Write it as the files do. A text of another kind that means no value belongs to `null_texts`."
_DIGITS = frozenset("yuMdHhms")


def sentinels(contract: Contract) -> Iterator[Broken]:
    """A sentinel that is not a value of its column's type would never be found."""
    for at, column in enumerate(contract.columns):
        for i, text in enumerate(column.sentinels):
            if not _is_value(str(text), column):
                problem = f"`{text}` is not a value of `{column.name}`, which is a {column.type}"
                yield f"columns[{at}].sentinels[{i}]", problem, _REMEDY


def _is_value(text: str, column: Column) -> bool:
    kind = column.data_type.kind
    if kind in (*INTEGERS, *FLOATS, "decimal"):
        return bool(_NUMBER.fullmatch(text)) or _is_written_number(text, column)
    if kind == "boolean":
        return text.lower() in {word.lower() for word in (*column.true_texts, *column.false_texts)}
    if kind in TIMES and column.formats:
        return bool(_ISO_DATE.fullmatch(text)) or any(_may_fit(text, pattern) for pattern in column.formats)
    return True


def _is_written_number(text: str, column: Column) -> bool:
    """True for a number with the signs of the column's files, or one that is not finite where that is allowed."""
    signs = f"{column.decimal}{column.thousands or ''}{column.strip}"
    allowed = column.allow_nan and text.lower().lstrip("+-") in ("nan", "inf", "infinity")
    return allowed or (any(c.isdigit() for c in text) and all(c.isdigit() or c in f"+-. {signs}" for c in text))


def _may_fit(text: str, pattern: str) -> bool:
    """True unless the text surely does not fit a pattern of digits; another pattern is left to the run."""
    if pattern.startswith("epoch_"):
        return bool(_WHOLE.fullmatch(text))
    pieces: list[str] = []
    for run in _RUN.finditer(pattern):
        letter, count = run[1], len(run[0])
        if letter is None:
            pieces.append(re.escape(run[0].strip("'") if len(run[0]) > 1 else run[0]))
        elif letter not in _DIGITS or (letter == "M" and count > 2):
            return True
        else:
            pieces.append(rf"\d{{{count},}}" if letter in "yu" or count == 1 else rf"\d{{{count}}}")
    return re.fullmatch("".join(pieces), text.strip()) is not None or any(sign in pattern for sign in "[]")
